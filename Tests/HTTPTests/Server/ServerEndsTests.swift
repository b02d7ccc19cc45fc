import EventLoop
import HTTP
import Testing

/// Time limits, clients that leave, and servers that stop.
struct ServerEndsTests {
    /// Limits short enough to be met in a test.
    static func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        change(&limits)
        return limits
    }

    @Test(arguments: [
        ("", ""), ("G", "408"), ("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", "408"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc", "408"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "408"),
    ])
    func `a client that stops in the middle of a request is cut off by the time limit`(
        beginning: String,
        status: String
    ) async throws {
        let limits = Self.limits {
            $0.headTimeout = .milliseconds(60)
            $0.bodyTimeout = .milliseconds(60)
        }
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, limits: limits) { _ in .text("") }
            let client = try await RawClient.connect(server)
            try await client.send(beginning)
            let answer = await client.readAll()
            #expect(answer.hasPrefix(status.isEmpty ? "" : "HTTP/1.1 \(status) "))
            #expect(answer.isEmpty == status.isEmpty)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `slowloris, a byte now and then, does not extend the limit`() async throws {
        let limits = Self.limits { $0.headTimeout = .milliseconds(100) }
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, limits: limits) { _ in .text("") }
            let client = try await RawClient.connect(server)
            let start = Loop.monotonicNanoseconds()
            var sent = 0
            // A byte every 10 ms; fails once the server has closed. Bounded by the test's own
            // limit.
            while (try? await client.send("a")) != nil {
                sent += 1
                try await client.stream.loop.sleep(for: .milliseconds(10))
                if Loop.monotonicNanoseconds() - start > 5_000_000_000 { break }
            }
            #expect(sent >= 2)
            #expect(Loop.monotonicNanoseconds() - start < 5_000_000_000)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `an idle connection is closed without a word`() async throws {
        let limits = Self.limits { $0.idleTimeout = .milliseconds(50) }
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, limits: limits) { _ in .text("a") }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.response().body == "a")
            #expect(await client.readAll() == "")
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a client that does not read is cut off`() async throws {
        let limits = Self.limits { $0.writeTimeout = .milliseconds(80) }
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, limits: limits) { _ in
                HTTPResponse(status: 200, body: Array(repeating: 0, count: 20_000_000))
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while server.connectionCount == 0 { await Task.yield() }
            while server.connectionCount > 0 {
                try await client.stream.loop.sleep(for: .milliseconds(5))
            }
            #expect(await client.readAll().utf8.count < 20_000_000)
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test(arguments: [true, false])
    func `a handler is cancelled when its client leaves, if so wished`(
        isWished: Bool
    ) async throws {
        let limits = Self.limits { $0.cancelsAbandonedHandlers = isWished }
        try await onLoop {
            let (cancelled, finished) = (Counter(), Counter())
            let server = try await HTTPServer.start(on: anyPort, limits: limits) { _ in
                do {
                    try await Loop.current?.sleep(for: .milliseconds(isWished ? 10_000 : 300))
                    finished.add()
                } catch {
                    cancelled.add()
                    throw error
                }
                return .text("")
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while server.connectionCount == 0 { await Task.yield() }
            let loop = client.stream.loop
            try await loop.sleep(for: .milliseconds(10))
            client.stream.close()
            while server.connectionCount > 0 { try await loop.sleep(for: .milliseconds(5)) }
            #expect(cancelled.value == (isWished ? 1 : 0))
            #expect(finished.value == (isWished ? 0 : 1))
            await server.shutdown(grace: .seconds(1))
        }
    }

    @Test func `a stopping server answers what it has begun and takes nothing new`() async throws {
        try await onLoop {
            let begun = Counter()
            let server = try await HTTPServer.start(on: anyPort) { _ in
                begun.add()
                try await Loop.current?.sleep(for: .milliseconds(100))
                return .text("done")
            }
            let (busy, idle) = (
                try await RawClient.connect(server), try await RawClient.connect(server)
            )
            try await idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await idle.response().body == "done")
            try await busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while begun.value < 2 { try await busy.stream.loop.sleep(for: .milliseconds(1)) }
            await server.shutdown(grace: .seconds(5))
            let answer = await busy.readAll()
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.hasSuffix("done"))
            #expect(await idle.readAll() == "")
            await #expect(throws: SystemError.self) { try await RawClient.connect(server) }
        }
    }

    @Test func `what is not over after the grace is cancelled`() async throws {
        try await onLoop {
            let cancelled = Counter()
            let server = try await HTTPServer.start(on: anyPort) { _ in
                do {
                    try await Loop.current?.sleep(for: .seconds(60))
                } catch {
                    cancelled.add()
                }
                return .text("late")
            }
            let client = try await RawClient.connect(server)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            while server.connectionCount == 0 { await Task.yield() }
            try await client.stream.loop.sleep(for: .milliseconds(20))
            let start = Loop.monotonicNanoseconds()
            await server.shutdown(grace: .milliseconds(50))
            #expect(Loop.monotonicNanoseconds() - start < 900_000_000)
            #expect(cancelled.value == 1)
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `connections beyond the limit are closed at once`() async throws {
        let limits = Self.limits { $0.connectionsMax = 2 }
        try await onLoop {
            let server = try await HTTPServer.start(on: anyPort, limits: limits) { _ in .text("a") }
            var clients: [RawClient] = []
            for _ in 0..<2 {
                let client = try await RawClient.connect(server)
                try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response().body == "a")
                clients.append(client)
            }
            let third = try await RawClient.connect(server)
            #expect(await third.readAll() == "")
            clients[0].stream.close()
            while server.connectionCount > 1 {
                try await third.stream.loop.sleep(for: .milliseconds(1))
            }
            let fourth = try await RawClient.connect(server)
            try await fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await fourth.response().body == "a")
            await server.shutdown(grace: .seconds(1))
        }
    }
}
