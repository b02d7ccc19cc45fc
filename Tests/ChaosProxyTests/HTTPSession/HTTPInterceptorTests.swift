import Testing

@testable import ChaosProxy

struct HTTPInterceptorTests {
    static let cases: [(String, [Speech])] = [
        (
            "a body of known length",
            [
                .client(
                    Array("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello".utf8)
                ),
                .server(Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8)),
                .client(Array("GET /b HTTP/1.1\r\nHost: h\r\n\r\n".utf8)),
                .server(Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)),
            ]
        ),
        (
            "chunks, an interim response and trailers",
            [
                .client(
                    Array(
                        ("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "5\r\nhello\r\n0\r\nX: y\r\n\r\n").utf8
                    )
                ),
                .server(Array("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n".utf8)),
                .server(Array("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n".utf8)),
            ]
        ),
        (
            "pipelining and HEAD",
            [
                .client(Array("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\n".utf8)),
                .client(Array("Host: h\r\n\r\n".utf8)),
                .server(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".utf8)),
                .server(Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx".utf8)),
            ]
        ),
        (
            "an upgrade",
            [
                .client(Array("GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n".utf8)),
                .server(Array("HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}\u{2}".utf8)),
                .client([1, 2, 3]), .server([4, 5, 6]),
            ]
        ),
        (
            "a body until the end",
            [
                .client(Array("GET / HTTP/1.0\r\n\r\n".utf8)),
                .server(Array("HTTP/1.0 200 OK\r\n\r\nall of it".utf8)),
            ]
        ),
        (
            "what is not HTTP",
            [
                .client(Array("GET nonsense\r\n\r\n".utf8)), .server(Array("SSH-2.0-x\r\n".utf8)),
                .client([0, 1, 2]),
            ]
        ),
        ("what does not even begin like it", [.client([22, 3, 1]), .server([22, 3, 3])]),
    ]

    /// Engaged, and hits nothing.
    private var rules: [SessionRule] {
        [.sample(.delayMessage(nanoseconds: 0), match: ToxicMatch(.nth(1_000_000)))]
    }

    @Test
    func `no byte is changed wherever the chunks are cut`() {
        for (name, speeches) in HTTPInterceptorTests.cases {
            for chunk in [1, 2, 3, 7, 1 << 20] {
                var conversation = Conversation(HTTPInterceptor(), rules: rules)
                conversation.hold(speeches, chunk: chunk)
                #expect(conversation.isUnchanged(speeches), "\(name), chunks of \(chunk)")
            }
        }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `mutated conversations neither trap nor lose a byte`(_ seed: UInt64) {
        var dice = SeedStream(seed: seed)
        let speeches = HTTPInterceptorTests.cases.randomElement(using: &dice)?.1 ?? []
        let mutated = speeches.map { speech -> Speech in
            var bytes = speech.bytes
            for _ in 0..<Int.random(in: 0...3, using: &dice) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &dice)
                switch Int.random(in: 0..<3, using: &dice) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &dice), at: place)
                }
            }
            return speech.direction == .upstream ? .client(bytes) : .server(bytes)
        }
        for chunk in [1, 3, Int.random(in: 4...60, using: &dice), 1 << 20] {
            var conversation = Conversation(HTTPInterceptor(), rules: rules)
            conversation.hold(mutated, chunk: chunk)
            #expect(conversation.isUnchanged(mutated), "chunks of \(chunk)")
        }
    }

    @Test
    func `our own answers keep their place among the server's`() {
        let rules = [
            SessionRule.sample(.answerStatus(status: 503, body: "no"), match: ToxicMatch(.nth(2)))
        ]
        var conversation = Conversation(HTTPInterceptor(), rules: rules)
        let request = Array("GET /a HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        conversation.say(.client(request + request + request))
        #expect(conversation.sent[.upstream]?.count == request.count * 2)
        #expect(conversation.sent[.downstream]?.isEmpty ?? false)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
        conversation.say(.server(Array((answer + answer).utf8)), chunk: 3)
        let text = String(decoding: conversation.sent[.downstream] ?? [], as: UTF8.self)
        let ours =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + "Content-Length: 2\r\n\r\nno"
        #expect(text == answer + ours + answer)
    }
}
