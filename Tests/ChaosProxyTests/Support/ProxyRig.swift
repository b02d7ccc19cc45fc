import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosProxy

/// A running proxy server with its API, a client for it, and servers behind it; on one test loop.
// Unchecked: everything happens on the rig's loop.
final class ProxyRig: @unchecked Sendable {
    let server: ProxyServer
    let http = HTTPClient()
    private var listeners: [Listener] = []
    private var tasks: [Task<Void, any Error>] = []

    init(server: ProxyServer) {
        self.server = server
    }

    /// Runs a test on a loop of its own, with a time limit, and cleans up.
    static func run(
        seed: UInt64 = 1,
        dialTimeout: Duration = .seconds(5),
        loopCount: Int? = nil,
        limit: Duration = .seconds(30),
        _ body: @escaping @Sendable (ProxyRig) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "proxy-test")
        defer { loop.stop() }
        try await loop.spawn {
            var options = ProxyServerOptions()
            options.port = 0
            options.seed = seed
            options.dialTimeout = dialTimeout
            options.loopCount = loopCount
            let rig = ProxyRig(server: try await ProxyServer.start(options))
            do {
                try await withDeadline(limit) { try await body(rig) }
            } catch {
                await rig.stop()
                throw error
            }
            await rig.stop()
        }.value
    }

    private func stop() async {
        for task in tasks { task.cancel() }
        for listener in listeners { listener.close() }
        http.close()
        await server.shutdown()
    }

    // MARK: the API

    /// Calls the API; the body of the answer as text.
    @discardableResult
    func call(
        _ method: String,
        _ path: String,
        _ body: String = "",
        headers: HTTPHeaders = [:]
    ) async throws -> HTTPResponse {
        try await http.request(
            method,
            url: "http://\(server.address)\(path)",
            headers: headers,
            body: Array(body.utf8),
            timeout: .seconds(5)
        )
    }

    /// Calls the API and expects success.
    @discardableResult
    func ask(_ method: String, _ path: String, _ body: String = "") async throws -> JSONValue {
        let answer = try await call(method, path, body)
        try #require(answer.status < 300, "\(method) \(path): \(answer.status) \(answer.text)")
        return answer.body.isEmpty ? .null : try JSONValue.parse(answer.body)
    }

    /// Creates a proxy named `p`; returns where it listens.
    func proxy(
        to upstream: SocketAddress,
        protocol wireProtocol: String = "tcp"
    ) async throws -> SocketAddress {
        let answer = try await ask(
            "POST",
            "/proxies",
            """
            {"name":"p","listen":"127.0.0.1:0","upstream":"\(upstream)",\
            "protocol":"\(wireProtocol)"}
            """
        )
        return try SocketAddress(parsing: try #require(answer["listen"]?.stringValue))
    }

    /// Adds a toxic to `p`.
    @discardableResult
    func toxic(_ body: String) async throws -> JSONValue {
        try await ask("POST", "/proxies/p/toxics", body)
    }

    // MARK: servers and clients

    /// A server that serves each connection with `body`.
    func serve(
        _ body: @escaping @Sendable (EventLoop.Stream) async throws -> Void
    ) throws -> SocketAddress {
        let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
        listeners.append(listener)
        tasks.append(
            listener.loop.spawn { [loop = listener.loop] in
                while true {
                    let stream = try await listener.accept()
                    // Owned by the connection: it ends with it.
                    loop.spawn {
                        try? await body(stream)
                        stream.close()
                    }
                }
            }
        )
        return listener.address
    }

    /// A server that sends back what it gets and ends when its client ends.
    func echo() throws -> SocketAddress {
        try serve { stream in
            var buffer = ByteBuffer()
            while try await stream.read(into: &buffer) > 0 { try await stream.write(&buffer) }
            stream.shutdownWrite()
        }
    }

    func connect(_ address: SocketAddress) async throws -> EventLoop.Stream {
        try await EventLoop.Stream.connect(to: address, timeout: .seconds(5))
    }
}

extension EventLoop.Stream {
    /// Reads until the end of the stream.
    func readAll() async throws -> [UInt8] {
        var buffer = ByteBuffer()
        while try await read(into: &buffer) > 0 {}
        return buffer.bytes
    }

    /// Reads exactly so many bytes, fewer when the stream ends before.
    func read(exactly count: Int) async throws -> [UInt8] {
        var buffer = ByteBuffer()
        while buffer.readableBytes < count {
            let rest = count - buffer.readableBytes
            if try await read(into: &buffer, atMost: min(rest, 65_536)) == 0 { break }
        }
        return buffer.bytes
    }

    /// Sends text and reads as many bytes back.
    func exchange(_ text: String) async throws -> String {
        try await write(Array(text.utf8))
        return String(decoding: try await read(exactly: text.utf8.count), as: UTF8.self)
    }

    /// How the stream ends: `nil` for FIN, else the errno.
    func ending() async -> Int32? {
        do {
            _ = try await readAll()
            return nil
        } catch let error as SystemError {
            return error.code
        } catch {
            return -1
        }
    }
}

/// Waits for a fact by asking for it again and again, with a bound.
func eventually(
    within limit: Duration = .seconds(5),
    _ fact: () async throws -> Bool
) async throws -> Bool {
    let loop = try #require(Loop.current)
    let deadline = Loop.monotonicNanoseconds() + limit.nanosecondsClamped
    while try await !fact() {
        if Loop.monotonicNanoseconds() > deadline { return false }
        try await loop.sleep(for: .milliseconds(2))
    }
    return true
}

/// The time that something takes, milliseconds.
func milliseconds(_ body: () async throws -> Void) async throws -> Double {
    let start = Loop.monotonicNanoseconds()
    try await body()
    return Double(Loop.monotonicNanoseconds() - start) / 1e6
}
