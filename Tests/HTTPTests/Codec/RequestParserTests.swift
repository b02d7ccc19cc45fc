import HTTP
import Testing

struct RequestParserTests {
    /// A named stream of requests.
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var bytes: [UInt8]
        var testDescription: String { name }

        init(_ name: String, _ text: String) {
            self.name = name
            bytes = Array(text.utf8)
        }
    }

    static let valid = [
        Case("a plain GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("an empty line before the request", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("HTTP/1.0 without a host", "GET /x HTTP/1.0\r\n\r\n"),
        Case("a body", "POST /o HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
        Case("an empty body", "POST /o HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
        Case(
            "the same length twice",
            "POST /o HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"
        ),
        Case(
            "chunks with an extension and a trailer",
            "POST /o HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n"
                + "5;a=\"b\"\r\nhello\r\n0A\r\n0123456789\r\n0\r\nX-Sum: 7\r\n\r\n"
        ),
        Case(
            "three pipelined requests",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\n"
                + "Content-Length: 3\r\n\r\nabc"
                + "GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ),
        Case(
            "a chunked request followed by another",
            "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
                + "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        ),
        Case(
            "an expectation",
            "PUT /o HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx"
        ),
        Case("an incomplete head", "GET / HTTP/1.1\r\nHost: a\r\nX: "),
        Case("not ASCII in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: f\u{FC}r\r\n\r\n"),
        Case("blanks around a value", "GET / HTTP/1.1\r\nHost: \t a \t\r\nEmpty:\r\n\r\n"),
        Case("the whole server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("an absolute target", "GET http://a/x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    @Test func `a request is read with its headers, framing and body`() {
        let text =
            "POST /orders?x=1 HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: k-1\r\n"
            + "Content-Length: 5\r\n\r\nhello"
        let transcript = Transcript.ofRequests([Array(text.utf8)[...]])
        #expect(
            transcript.messages == [
                .init(
                    summary: "POST /orders?x=1 1 length(5) keep",
                    headers: [
                        "Host": "shop", "Idempotency-Key": "k-1", "Content-Length": "5",
                    ],
                    body: Array("hello".utf8),
                    trailers: [:]
                )
            ]
        )
        #expect(transcript.error == nil)
    }

    @Test func `chunks are joined and trailers are kept apart`() {
        let transcript = Transcript.ofRequests([Self.valid[6].bytes[...]])
        #expect(transcript.messages.first?.body == Array("hello0123456789".utf8))
        #expect(transcript.messages.first?.trailers == ["X-Sum": "7"])
        #expect(transcript.messages.first?.headers["X-Sum"] == nil)
    }

    @Test(arguments: valid)
    func `a valid stream is read to its end`(stream: Case) {
        let transcript = Transcript.ofRequests([stream.bytes[...]])
        #expect(transcript.error == nil)
        let isComplete = stream.name != "an incomplete head"
        #expect((transcript.unread == 0) == isComplete)
        #expect(transcript.messages.allSatisfy { $0.trailers != nil })
    }

    @Test(arguments: valid + HostileRequests.all.map(\.stream))
    func `the result is the same wherever the bytes are split`(stream: Case) {
        let whole = Transcript.ofRequests([stream.bytes[...]])
        for position in stream.bytes.cuts {
            #expect(Transcript.ofRequests(stream.bytes.cut(at: position)) == whole)
        }
        #expect(Transcript.ofRequests(stream.bytes.single) == whole)
    }

    @Test(arguments: HostileRequests.all)
    func `a hostile request is refused with its status`(hostile: HostileRequests.Case) {
        let transcript = Transcript.ofRequests([hostile.stream.bytes[...]], limits: hostile.limits)
        #expect(transcript.error?.status == hostile.status, "\(transcript)")
        #expect(transcript.error?.message.isEmpty == false)
    }

    @Test func `a refused connection stays refused`() throws {
        var parser = HTTPRequestParser()
        let bad = Array("GET / HTTP/1.1\n\n".utf8)
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(throws: HTTPParseError.self) { try parser.next(bad.span) }
        #expect(throws: HTTPParseError.self) { try parser.next(good.span) }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade , Close\r\n\r\n", false),
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true),
        ("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true),
    ])
    func `the Connection field and the version decide whether the connection is kept`(
        text: String,
        isKept: Bool
    ) throws {
        var parser = HTTPRequestParser()
        let bytes = Array(text.utf8)
        guard case .head(let head) = try parser.next(bytes.span).parsed else {
            Issue.record("no head")
            return
        }
        #expect(head.keepsAlive == isKept)
    }

    @Test(arguments: UInt64(1)...400)
    func `mutated streams are read or refused, the same in one piece and in many`(seed: UInt64) {
        var mutator = Mutator(seed: seed)
        let sources = Self.valid.map(\.bytes) + HostileRequests.all.prefix(40).map(\.stream.bytes)
        let bytes = mutator.mutate(sources)
        let whole = Transcript.ofRequests([bytes[...]])
        #expect(Transcript.ofRequests(mutator.split(bytes)) == whole)
        #expect(Transcript.ofRequests(bytes.single) == whole)
    }
}
