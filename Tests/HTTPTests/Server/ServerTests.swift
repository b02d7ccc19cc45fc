import EventLoop
import Testing

@testable import HTTP

struct ServerTests {
    /// Says back what it was asked.
    static let echo: HTTPServer.Handler = { request in
        .text(
            "\(request.method) \(request.target) [\(String(decoding: request.body, as: UTF8.self))]"
        )
    }

    @Test func `a request is answered, whole`() async throws {
        let answer = try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, handler: Self.echo)
            let client = try await RawClient.connect(server)
            try await client.send(
                "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"
            )
            let answer = await client.readAll()
            await server.shutdown(grace: .seconds(1))
            return answer
        }
        #expect(answer.contains("\r\nDate: "))
        #expect(
            answer.dateless == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
                + "Content-Length: 14\r\nConnection: close\r\n\r\nPOST /a?b [hi]"
        )
    }

    @Test func `a connection is kept, and pipelined answers keep their order`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { request in
                // The first is the slowest: it must still be answered first.
                if request.target == "/0" { try await Loop.current?.sleep(for: .milliseconds(20)) }
                return .text(request.target)
            }
            let client = try await RawClient.connect(server)
            let burst = (0..<50).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
            try await client.send(burst)
            for number in 0..<50 { #expect(try await client.response().body == "/\(number)") }
            try await client.send("GET /again HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "/again")
            #expect(server.connectionCount == 1)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a chunked request reaches the handler without its coding`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, handler: Self.echo)
            let client = try await RawClient.connect(server)
            try await client.send(
                "PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"
            )
            try await client.send("lo\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n")
            #expect(try await client.response().body == "PUT /c [hello world]")
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `the body is asked for when the client expects to be`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, handler: Self.echo)
            let client = try await RawClient.connect(server)
            try await client.send(
                "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            )
            #expect(try await client.response().head == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("hi")
            #expect(try await client.response().body == "PUT / [hi]")
            // Sent at once: not asked for.
            try await client.send(
                "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nho"
            )
            #expect(try await client.response().head.hasPrefix("HTTP/1.1 200"))
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `HEAD, 204 and 304 have no body, and the connection goes on`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { request in
                HTTPResponse(status: Int(request.segments[0]) ?? 500, body: Array("body".utf8))
            }
            let client = try await RawClient.connect(server)
            try await client.send("HEAD /200 HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try await client.read(until: "\r\n\r\n")
            #expect(head.contains("Content-Length: 4\r\n"))
            for status in [204, 304] {
                try await client.send("GET /\(status) HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = try await client.read(until: "\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
                #expect(!answer.contains("Content-Length"))
            }
            try await client.send("GET /200 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "body")
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `an HTTP 1.0 client is answered and closed unless it asks otherwise`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, handler: Self.echo)
            let first = try await RawClient.connect(server)
            try await first.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await first.readAll().hasSuffix("GET / []"))
            let second = try await RawClient.connect(server)
            for _ in 0..<2 {
                try await second.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await second.response().body == "GET / []")
            }
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a handler that throws is a 500 and is reported, and the connection goes on`()
        async throws
    {
        struct Failure: Error {}
        try await onLoop {
            let reports = Counter()
            let server = try await HTTPServer.start(
                on: anyPort,
                report: { error, request in
                    if error is Failure, request.target == "/bad" { reports.add() }
                },
                handler: { request in
                    if request.target == "/bad" { throw Failure() }
                    return .text("fine")
                }
            )
            let client = try await RawClient.connect(server)
            try await client.send("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.head.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
            #expect(!answer.body.contains("Failure"))
            #expect(reports.value == 1)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "fine")
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test(arguments: HostileRequests.all.filter { $0.limits.bodyBytesMax > 10 })
    func `a hostile request is refused, the connection closed, the handler not called`(
        hostile: HostileRequests.Case
    ) async throws {
        try await onLoop {
            let calls = Counter()
            let server = try await HTTPServer.start(on: anyPort) { _ in
                calls.add()
                return .text("")
            }
            let client = try await RawClient.connect(server)
            try await client.stream.write(hostile.stream.bytes)
            client.stream.shutdownWrite()
            let answer = await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(hostile.status) "), "\(answer)")
            #expect(answer.contains("Connection: close\r\n"))
            #expect(calls.value == 0)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a refusal arrives although the client goes on sending a large body`() async throws {
        try await onLoop {
            var limits = HTTPLimits()
            limits.bodyBytesMax = 1000
            let server = try await HTTPServer.start(on: anyPort, limits: limits, handler: Self.echo)
            let client = try await RawClient.connect(server)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n")
            try await client.send(String(repeating: "x", count: 2_000_000))
            #expect(await client.readAll().hasPrefix("HTTP/1.1 413 "))
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a large answer reaches a client that reads slowly`() async throws {
        try await onLoop {
            let size = 3_000_000
            let server = try await HTTPServer.start(on: anyPort) { _ in
                HTTPResponse(status: 200, body: Array(repeating: 120, count: size))
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body.utf8.count == size)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a Unix socket serves like a port`() async throws {
        try await onLoop {
            let path = "/tmp/chaos-http-\(UInt64.random(in: 0 ... .max)).sock"
            let server = try await HTTPServer.start(on: .unix(path), handler: Self.echo)
            let client = HTTPClient()
            for url in ["unix:\(path):/x?y", "http://unix:\(path):/x?y"] {
                let answer = try await client.request("GET", url: url, timeout: .seconds(5))
                #expect(answer.text == "GET /x?y []")
            }
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] as [(Int64, String)]
    )
    func `the date is written as RFC 9110 has it`(seconds: Int64, text: String) {
        #expect(HTTPDate.text(seconds) == text)
    }
}
