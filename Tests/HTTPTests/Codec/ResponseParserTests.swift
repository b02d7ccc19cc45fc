import HTTP
import Testing

struct ResponseParserTests {
    typealias Case = RequestParserTests.Case

    static let valid = [
        Case("a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
        Case("until close", "HTTP/1.1 200 OK\r\n\r\neverything until the end"),
        Case("HTTP/1.0 until close", "HTTP/1.0 200 OK\r\nX: y\r\n\r\nabc"),
        Case("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        Case("no reason", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n"),
        Case("an empty reason", "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n"),
        Case(
            "continue first",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 1\r\n\r\nx"
        ),
        Case("204", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        Case("304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n"),
        Case("101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\u{1}\u{2}"),
    ]

    static let hostile: [(Case, Int)] = [
        (Case("no version", "200 OK\r\n\r\n"), 400),
        (Case("a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"), 400),
        (Case("a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"), 400),
        (Case("a status below 100", "HTTP/1.1 099 OK\r\n\r\n"), 400),
        (Case("an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n"), 400),
        (Case("bare LF", "HTTP/1.1 200 OK\n\n"), 400),
        (Case("HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"), 505),
        (
            Case(
                "both lengths",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
            ), 400
        ),
        (Case("gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), 501),
        (Case("a short body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), 400),
        (
            Case(
                "an unfinished chunk",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
            ), 400
        ),
        (
            Case(
                "no last chunk",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
            ), 400
        ),
        (Case("half a head", "HTTP/1.1 200 OK\r\nContent-Le"), 400),
        (Case("a control character in the reason", "HTTP/1.1 200 O\u{7}K\r\n\r\n"), 400),
        (
            Case("an endless status line", "HTTP/1.1 200 " + String(repeating: "x", count: 9000)),
            414
        ),
        (Case("a large body", "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"), 413),
    ]

    @Test(arguments: valid)
    func `a valid stream is read to its end`(stream: Case) {
        let transcript = Transcript.ofResponses([stream.bytes[...]])
        #expect(transcript.error == nil)
        #expect(transcript.unread == 0)
        #expect(transcript.messages.allSatisfy { $0.trailers != nil })
    }

    @Test(arguments: hostile)
    func `a broken response is refused`(stream: Case, status: Int) {
        #expect(Transcript.ofResponses([stream.bytes[...]]).error?.status == status)
    }

    @Test func `bodies, reasons and framing are what was sent`() {
        let messages = Self.valid.prefix(4).map {
            Transcript.ofResponses([$0.bytes[...]]).messages[0]
        }
        #expect(
            messages.map(\.summary) == [
                "200 OK 1 length(2) keep", "200 OK 1 untilClose close",
                "200 OK 0 untilClose close", "200 OK 1 chunked keep",
            ]
        )
        #expect(
            messages.map { String(decoding: $0.body, as: UTF8.self) } == [
                "hi", "everything until the end", "abc", "hi",
            ]
        )
    }

    @Test func `the answer to HEAD has no body although it has a length`() {
        let text =
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n"
            + "Content-Length: 2\r\n\r\nhi"
        let transcript = Transcript.ofResponses([Array(text.utf8)[...]], headAnswers: [0])
        #expect(transcript.messages.map(\.body) == [[], Array("hi".utf8)])
        #expect(transcript.messages[0].headers["content-length"] == "5")
    }

    @Test(arguments: valid + hostile.map(\.0))
    func `the result is the same wherever the bytes are split`(stream: Case) {
        let whole = Transcript.ofResponses([stream.bytes[...]])
        for position in stream.bytes.cuts {
            #expect(Transcript.ofResponses(stream.bytes.cut(at: position)) == whole)
        }
        #expect(Transcript.ofResponses(stream.bytes.single) == whole)
    }

    @Test(arguments: UInt64(1)...400)
    func `mutated streams are read or refused, the same in one piece and in many`(seed: UInt64) {
        var mutator = Mutator(seed: seed)
        let bytes = mutator.mutate(Self.valid.map(\.bytes) + Self.hostile.map(\.0.bytes))
        let whole = Transcript.ofResponses([bytes[...]])
        #expect(Transcript.ofResponses(mutator.split(bytes)) == whole)
        #expect(Transcript.ofResponses(bytes.single) == whole)
    }
}
