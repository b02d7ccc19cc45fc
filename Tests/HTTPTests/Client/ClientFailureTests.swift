import EventLoop
import HTTP
import Testing

/// What a client may conclude when there is no response: money hangs on `isDefinite`.
struct ClientFailureTests {
    @Test func `nobody listening is definite`() async throws {
        try await onLoop {
            let listener = try Listener.bind(anyPort)
            let url = "http://\(listener.address)/"
            listener.close()
            let error = await HTTPClient().failure("POST", url)
            #expect(error?.code == .refused)
            #expect(error?.isDefinite == true)
            let missing = await HTTPClient().failure("GET", "unix:/nonexistent/x.sock:/")
            #expect(missing?.code == .refused)
        }
    }

    /// How a server may fail after it has the request.
    enum Ending: String, CaseIterable, Sendable {
        case close, reset, halfHead, halfBody, halfChunk, garbage, silence, http2, trickle
    }

    @Test(arguments: Ending.allCases)
    func `a server that fails after it has the request leaves the outcome unknown`(
        ending: Ending
    ) async throws {
        try await onLoop {
            let server = try ScriptedServer { _, peer in
                _ = try await peer.read(until: "\r\n\r\n")
                try await Self.end(peer, ending)
            }
            let client = HTTPClient()
            let error = await client.failure("GET", server.url, timeout: .milliseconds(200))
            #expect(error?.isDefinite == false)
            let expected: HTTPError.Code =
                switch ending {
                case .close, .halfHead, .halfBody, .halfChunk: .closed
                case .reset: .reset
                case .garbage, .http2: .protocol
                case .silence, .trickle: .timeout
                }
            #expect(error?.code == expected, "\(String(describing: error))")
            // Never repeated: the connection was new, so it was not stale.
            #expect(server.accepted.value == 1)
            server.stop()
        }
    }

    private static func end(_ peer: RawClient, _ ending: Ending) async throws {
        switch ending {
        case .close: break
        case .reset: peer.stream.reset()
        case .halfHead: try await peer.send("HTTP/1.1 200 OK\r\nContent-")
        case .halfBody: try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        case .halfChunk:
            try await peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc")
        case .garbage: try await peer.send("\u{16}\u{3}\u{1}\r\n\r\n")
        case .http2: try await peer.send("HTTP/2.0 200 OK\r\n\r\n")
        case .silence: _ = await peer.readAll()
        case .trickle:
            try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            for _ in 0..<1000 {
                try await peer.send("x")
                try await peer.stream.loop.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Answers the first request of the first connection; when the second comes there, closes
    /// without an answer: what a keep-alive timeout that crosses a request looks like.
    private static func staleServer(_ seen: Counter) throws -> ScriptedServer {
        try ScriptedServer { number, peer in
            while true {
                _ = try await peer.read(until: "\r\n\r\n")
                seen.add()
                if number == 0, seen.value == 2 { return }
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
    func `a stale connection is replaced once for a method that may be repeated`(
        method: String
    ) async throws {
        try await onLoop {
            let seen = Counter()
            let server = try Self.staleServer(seen)
            let client = HTTPClient()
            _ = try await client.request("GET", url: server.url, timeout: .seconds(5))
            let answer = try await client.request(method, url: server.url, timeout: .seconds(5))
            #expect(answer.status == 200)
            #expect(server.accepted.value == 2)
            #expect(seen.value == 3)
            server.stop()
        }
    }

    @Test func `a POST on a stale connection is not repeated: its outcome is unknown`() async throws
    {
        try await onLoop {
            let seen = Counter()
            let server = try Self.staleServer(seen)
            let client = HTTPClient()
            _ = try await client.request("GET", url: server.url, timeout: .seconds(5))
            let error = await client.failure("POST", server.url)
            #expect(error?.code == .closed)
            #expect(error?.isDefinite == false)
            #expect(seen.value == 2)
            server.stop()
        }
    }

    @Test func `a connection that was closed while idle is not used at all, even for a POST`()
        async throws
    {
        try await onLoop {
            let closed = Counter()
            let server = try ScriptedServer { number, peer in
                _ = try await peer.read(until: "\r\n\r\n")
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
                peer.stream.close()
                closed.add()
            }
            let client = HTTPClient()
            for number in 0..<3 {
                let answer = try await client.request("POST", url: server.url, timeout: .seconds(5))
                #expect(answer.text == "\(number)")
                while closed.value <= number {
                    try await Loop.current?.sleep(for: .milliseconds(1))
                }
            }
            server.stop()
        }
    }

    @Test func `bytes that nobody asked for poison a connection, not the next response`()
        async throws
    {
        try await onLoop {
            let server = try ScriptedServer { number, peer in
                _ = try await peer.read(until: "\r\n\r\n")
                let extra = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
                try await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)\(extra)")
                _ = await peer.readAll()
            }
            let client = HTTPClient()
            for number in 0..<3 {
                let answer = try await client.request("GET", url: server.url, timeout: .seconds(5))
                #expect(answer.text == "\(number)")
            }
            #expect(server.accepted.value == 3)
            server.stop()
        }
    }

    @Test func `a response beyond the limits is refused`() async throws {
        var limits = HTTPLimits()
        limits.bodyBytesMax = 10
        try await onLoop { [limits] in
            let server = try await HTTPServer.start(on: anyPort) { _ in .text("more than ten bytes")
            }
            let error = await HTTPClient(limits: limits).failure("GET", server.url)
            #expect(error?.code == .protocol)
            #expect(error?.message.contains("larger") == true)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a connection that cannot be made in time is definite`() async throws {
        try await onLoop {
            // A full accept queue: the kernel drops the SYN of whoever comes next.
            let listener = try Listener.bind(anyPort, backlog: 0)
            var held: [EventLoop.Stream] = []
            while held.count < 16,
                let stream = try? await EventLoop.Stream.connect(
                    to: listener.address,
                    timeout: .milliseconds(50)
                )
            {
                held.append(stream)
            }
            let error = await HTTPClient()
                .failure("POST", "http://\(listener.address)/", timeout: .milliseconds(80))
            #expect(error?.code == .timeout)
            #expect(error?.isDefinite == true)
            for stream in held { stream.close() }
            listener.close()
        }
    }
}
