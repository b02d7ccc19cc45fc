package import EventLoop
import Glibc

/// An HTTP/1.1 server on one loop.
///
/// Each connection has one task on the loop; requests of a connection are handled one after
/// another, pipelined answers leave in order. Handlers run on the loop: they must not block.
///
/// `@unchecked Sendable` because its state is confined to its loop: what may be called from
/// elsewhere (`shutdown`) moves there first.
package final class HTTPServer: @unchecked Sendable {
    /// Answers a request.
    ///
    /// A thrown error is answered with 500; a client that leaves cancels the task
    /// (see `HTTPLimits.cancelsAbandonedHandlers`; half-closing counts as leaving).
    package typealias Handler = @Sendable (HTTPRequest) async throws -> HTTPResponse
    /// Is told what a handler threw.
    package typealias Report = @Sendable (any Error, HTTPRequest) -> Void

    /// Where it listens, with the port that was really bound.
    package let address: SocketAddress
    let limits: HTTPLimits
    let handler: Handler
    let report: Report?
    private let loop: Loop
    private let listener: Listener
    private let times: Times
    private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
    private var acceptor: Task<Void, any Error>?
    private var isSweeping = false
    private var date = HTTPDate()
    private(set) var isDraining = false
    private var onEmpty: [CheckedContinuation<Void, Never>] = []

    /// The limits in nanoseconds.
    private struct Times {
        let head, body, idle, write, linger, sweep: Int64

        init(_ limits: HTTPLimits) {
            head = limits.headTimeout.nanosecondsClamped
            body = limits.bodyTimeout.nanosecondsClamped
            idle = limits.idleTimeout.nanosecondsClamped
            write = limits.writeTimeout.nanosecondsClamped
            linger = limits.lingerTimeout.nanosecondsClamped
            let shortest = min(head, body, idle, write, linger)
            sweep = max(5_000_000, min(100_000_000, shortest / 4))
        }
    }

    /// Binds the address and begins to serve on the loop of the calling task.
    ///
    /// - Parameters:
    ///   - address: port 0 takes a free one; `unix:/path` is fine.
    ///   - limits: what a client may do.
    ///   - report: is told what a handler threw.
    ///   - handler: answers requests; runs on the loop.
    /// - Returns: the server, which serves already.
    /// - Throws: `SystemError` when the address cannot be bound.
    package static func start(
        on address: SocketAddress,
        limits: HTTPLimits = .default,
        report: Report? = nil,
        handler: @escaping Handler
    ) async throws -> HTTPServer {
        guard let loop = Loop.current else {
            preconditionFailure("HTTPServer.start must be called on a loop, not beside one")
        }
        let listener = try Listener.bind(address)
        let server = HTTPServer(loop, listener, limits, report, handler)
        server.acceptor = loop.spawn { await server.acceptAll() }
        return server
    }

    private init(
        _ loop: Loop,
        _ listener: Listener,
        _ limits: HTTPLimits,
        _ report: Report?,
        _ handler: @escaping Handler
    ) {
        self.loop = loop
        self.listener = listener
        self.limits = limits
        self.report = report
        self.handler = handler
        address = listener.address
        times = Times(limits)
    }

    /// How many clients are connected now; only on the loop.
    package var connectionCount: Int { connections.count }

    /// Stops in good order.
    ///
    /// No new connections; idle ones end at once; requests that are being handled are answered with
    /// `Connection: close`. What is not over after `grace` is cancelled and cut. A handler that
    /// ignores its cancellation is not waited for longer than another second.
    package func shutdown(grace: Duration) async {
        _ = try? await loop.spawn { await self.drain(grace) }.value
    }

    private func drain(_ grace: Duration) async {
        if !isDraining {
            isDraining = true
            acceptor?.cancel()
            listener.close()
            for connection in connections.values { connection.drain() }
        }
        await emptied(within: grace)
        for connection in connections.values { connection.cut() }
        await emptied(within: .seconds(1))
    }

    /// Waits until no connection is left, or for so long.
    private func emptied(within limit: Duration) async {
        guard !connections.isEmpty else { return }
        let timer = loop.after(limit) { [self] in resumeWaiters() }
        await withCheckedContinuation { onEmpty.append($0) }
        loop.cancel(timer)
    }

    private func resumeWaiters() {
        let waiters = onEmpty
        onEmpty = []
        for waiter in waiters { waiter.resume() }
    }
}

// Connections.
extension HTTPServer {
    private func acceptAll() async {
        while !isDraining {
            do {
                let stream = try await listener.accept()
                adopt(stream)
            } catch {
                guard !isDraining, !Task.isCancelled else { return }
                // Out of descriptors, most likely: let some connections end, do not spin.
                try? await loop.sleep(for: .milliseconds(50))
            }
        }
    }

    private func adopt(_ stream: EventLoop.Stream) {
        guard connections.count < limits.connectionsMax, !isDraining else {
            stream.close()
            return
        }
        let connection = HTTPServerConnection(server: self, stream: stream, loop: loop)
        connections[ObjectIdentifier(connection)] = connection
        connection.start(on: loop)
        if !isSweeping {
            isSweeping = true
            scheduleSweep()
        }
    }

    func removed(_ connection: HTTPServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty { resumeWaiters() }
    }
}

// Time limits: one sweep for all connections instead of a timer for each request.
extension HTTPServer {
    func deadline(of phase: HTTPServerConnection.Phase) -> Int64 {
        let limit: Int64
        switch phase {
        case .idle: limit = times.idle
        case .head: limit = times.head
        case .body: limit = times.body
        case .writing: limit = times.write
        case .lingering: limit = times.linger
        case .handling, .streaming: return .max
        }
        return Loop.monotonicNanoseconds() &+ limit
    }

    func dateLine() -> [UInt8] { date.line(at: Loop.wallMicroseconds()) }

    private func scheduleSweep() {
        loop.after(.nanoseconds(times.sweep)) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        guard !connections.isEmpty else {
            isSweeping = false
            return
        }
        let now = Loop.monotonicNanoseconds()
        var working: [HTTPServerConnection] = []
        for connection in connections.values {
            if connection.deadline <= now { connection.expire() }
            if connection.isWorking { working.append(connection) }
        }
        for connection in Self.left(working) { connection.abandon() }
        scheduleSweep()
    }

    /// Those whose clients have closed or half-closed their connection: one system call for all.
    private static func left(_ working: [HTTPServerConnection]) -> [HTTPServerConnection] {
        guard !working.isEmpty else { return [] }
        // POLLRDHUP; Glibc hides it from Swift (poll(2), needs _GNU_SOURCE).
        let halfClosed: Int16 = 0x2000
        var entries = working.map { pollfd(fd: $0.descriptor, events: halfClosed, revents: 0) }
        let count = unsafe poll(&entries, nfds_t(entries.count), 0)
        guard count > 0 else { return [] }
        return zip(working, entries).filter { $0.1.revents != 0 }.map(\.0)
    }
}
