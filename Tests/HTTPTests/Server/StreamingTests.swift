import EventLoop
import HTTP
import Testing

struct StreamingTests {
    @Test func `a streamed body is chunked, and the connection goes on`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream(headers: ["Content-Type": "text/plain"]) { writer in
                    try await writer.write("hello")
                    try await writer.write("")
                    try await writer.write(" world")
                }
            }
            let client = HTTPClient()
            for _ in 0..<3 {
                let answer = try await client.request("GET", url: server.url, timeout: .seconds(5))
                #expect(answer.text == "hello world")
                #expect(answer.headers["Transfer-Encoding"] == "chunked")
            }
            #expect(server.connectionCount == 1)
            let head = try await client.request("HEAD", url: server.url, timeout: .seconds(5))
            #expect(head.body.isEmpty)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `an HTTP 1.0 client gets a streamed body until the close`() async throws {
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream { try await $0.write("hello") }
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let answer = await client.readAll()
            #expect(answer.hasSuffix("\r\n\r\nhello"))
            #expect(!answer.contains("chunked"))
            #expect(answer.contains("Connection: close\r\n"))
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `events arrive one by one, as the standard writes them`() async throws {
        try await onLoop {
            let received = Counter()
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream(headers: ["Content-Type": "text/event-stream"]) { writer in
                    try await writer.send(data: "one")
                    // The client has the first before the second is sent.
                    while received.value < 1 {
                        try await Loop.current?.sleep(for: .milliseconds(1))
                    }
                    try await writer.send(data: "two\nlines", event: "a\nb", id: "7")
                }
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await client.read(until: "\r\n\r\n")
            #expect(try await client.read(until: "\n\n\r\n") == "b\r\ndata: one\n\n\r\n")
            received.add()
            #expect(
                try await client.read(until: "0\r\n\r\n")
                    == "28\r\nid: 7\nevent: a b\ndata: two\ndata: lines\n\n\r\n0\r\n\r\n"
            )
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a producer is no faster than its client`() async throws {
        try await onLoop {
            let written = Counter()
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream { writer in
                    for _ in 0..<400 {
                        try await writer.write(Array(repeating: 0, count: 100_000))
                        written.add(100_000)
                    }
                }
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            // It stops when the kernel's buffers are full, although nobody tells it to.
            var last = -1
            while written.value == 0 || written.value != last {
                last = written.value
                try await client.stream.loop.sleep(for: .milliseconds(50))
            }
            #expect(written.value < 40_000_000)
            var buffer = ByteBuffer()
            while written.value < 40_000_000 {
                _ = try await client.stream.read(into: &buffer)
                buffer.consume(buffer.readableBytes)
            }
            await server.shutdown(grace: .milliseconds(10))
        }
    }

    @Test func `a producer is cancelled when its client leaves`() async throws {
        try await onLoop {
            let ended = Counter()
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream { writer in
                    defer { ended.add() }
                    try await writer.write("first")
                    try await Loop.current?.sleep(for: .seconds(60))
                }
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = try await client.read(until: "first")
            let loop = client.stream.loop
            client.stream.close()
            while ended.value == 0 { try await loop.sleep(for: .milliseconds(5)) }
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a producer that fails leaves a body that is visibly incomplete`() async throws {
        struct Failure: Error {}
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort) { _ in
                .stream { writer in
                    try await writer.write("half")
                    throw Failure()
                }
            }
            let client = HTTPClient()
            await #expect(throws: HTTPError.self) {
                try await client.request("GET", url: server.url, timeout: .seconds(5))
            }
            await server.shutdown(grace: .seconds(1))
        }
    }
}
