import EventLoop

/// A bounded set of connections to one server, lent first come, first served.
///
/// Connections are opened when they are needed, replaced when they broke and never shared. Confined
/// to the loop on which it was made: traps when used elsewhere (therefore `@unchecked Sendable`).
package final class PostgresPool: @unchecked Sendable {
    /// How a pool was used up to now, and now.
    package struct Statistics: Sendable, Hashable {
        /// Connections lent or being opened.
        package var taken: Int
        /// Connections that wait for work.
        package var idle: Int
        /// Callers that wait for a connection.
        package var waiting: Int
        /// Connections opened since the pool was made.
        package var opened: Int
    }

    private enum Service: Sendable {
        case connection(PostgresConnection)
        case open
        case expired
        case cancelled
        case closed
    }

    private struct Waiter {
        var continuation: CheckedContinuation<Service, Never>
        var timer: TimerToken
    }

    private let conninfo: String
    private let options: StaticString
    private let acquireTimeout: Duration
    private let loop: Loop
    private var state: PoolState<PostgresConnection>
    private var waiters: [Int: Waiter] = [:]
    /// Who was served while still on the way to waiting: that way may lead through the loop's
    /// queue.
    private var servedEarly: [Int: Service] = [:]
    private var opened = 0

    /// Makes a pool on the current loop; traps outside of a loop.
    ///
    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - conninfo: A libpq connection string or URI; numeric addresses or socket directories
    ///     only.
    ///   - options: Settings of each session; see `PostgresConnection.connect`.
    ///   - size: How many connections there may be, at least 1.
    ///   - maxWaiters: How many callers may wait; further ones are refused at once.
    ///   - acquireTimeout: How long a caller waits for a connection or for opening one.
    package init(
        _ conninfo: String,
        options: StaticString = "",
        size: Int = 8,
        maxWaiters: Int = 1024,
        acquireTimeout: Duration = .seconds(5)
    ) {
        guard let loop = Loop.current else {
            preconditionFailure("a PostgresPool is made outside of a loop")
        }
        self.conninfo = conninfo
        self.options = options
        self.acquireTimeout = acquireTimeout
        self.loop = loop
        state = PoolState(size: size, waitersMax: maxWaiters)
    }

    /// Lends a connection to `body`; it comes back, or is discarded, when `body` ends.
    ///
    /// Throws `.pool` when the bounds are reached, `.connection` or `.timeout` when none can be
    /// opened (all definite: `body` did not run), and what `body` throws.
    @discardableResult
    package func withConnection<T>(
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        let connection = try await acquire()
        defer { release(connection) }
        return try await body(connection)
    }

    /// Runs `body` in a transaction on a connection of its own; see
    /// `PostgresConnection.transaction`.
    @discardableResult
    package func transaction<T>(
        isolation: IsolationLevel? = nil,
        timeout: Duration = PostgresConnection.defaultTimeout,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        try await withConnection { connection in
            try await connection.transaction(isolation: isolation, timeout: timeout, body)
        }
    }

    /// Runs one statement on any connection; see `PostgresConnection.query`.
    @discardableResult
    package func query(
        _ sql: String,
        _ parameters: [PostgresValue?] = [],
        timeout: Duration = PostgresConnection.defaultTimeout
    ) async throws -> PostgresRows {
        try await withConnection { connection in
            try await connection.query(sql, parameters, timeout: timeout)
        }
    }

    /// How the pool is used now.
    package var statistics: Statistics {
        Statistics(
            taken: state.taken,
            idle: state.idle.count,
            waiting: state.waiters.count,
            opened: opened
        )
    }

    /// Closes idle connections, refuses callers from now on; lent connections close on return.
    package func close() {
        precondition(loop.isCurrent, "a PostgresPool is closed outside of its loop")
        let (waiting, idle) = state.close()
        for connection in idle { connection.close() }
        for number in waiting { serve(number, .closed) }
    }
}

extension PostgresPool {
    private func acquire() async throws(PostgresError) -> PostgresConnection {
        precondition(loop.isCurrent, "a PostgresPool is used outside of its loop")
        let patience = Patience(acquireTimeout)
        switch state.request(isUsable: { $0.isUsable }) {
        case .lend(let connection): return connection
        case .open: return try await open(patience)
        case .closed: throw closedError
        case .refuse:
            throw PostgresError(
                .pool,
                "all \(state.size) connections are in use and \(state.waitersMax) callers wait. "
                    + "Try again later.",
                isDefinite: true
            )
        case .wait(let number):
            switch await wait(number, patience) {
            case .connection(let connection): return connection
            case .open: return try await open(patience)
            case .closed: throw closedError
            case .cancelled:
                throw PostgresError(.cancelled, "cancelled while waiting", isDefinite: true)
            case .expired:
                throw PostgresError(
                    .pool,
                    "none of \(state.size) connections became free within \(acquireTimeout). "
                        + "Try again later.",
                    isDefinite: true
                )
            }
        }
    }

    private var closedError: PostgresError {
        PostgresError(.pool, "the pool is closed", isDefinite: true)
    }

    private func open(_ patience: Patience) async throws(PostgresError) -> PostgresConnection {
        do {
            opened += 1
            return try await PostgresConnection.connect(
                conninfo,
                options: options,
                timeout: patience.remaining
            )
        } catch {
            handOver(state.discard())
            throw error
        }
    }

    private func release(_ connection: PostgresConnection) {
        guard connection.isReusable, !state.isClosed else {
            connection.close()
            handOver(state.discard())
            return
        }
        handOver(state.giveBack(connection))
    }

    private func handOver(_ handover: PoolState<PostgresConnection>.Handover) {
        switch handover {
        case .lend(let connection, let number): serve(number, .connection(connection))
        case .open(let number): serve(number, .open)
        case .none: break
        }
    }

    private func wait(_ number: Int, _ patience: Patience) async -> Service {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let service = servedEarly.removeValue(forKey: number) {
                    continuation.resume(returning: service)
                    return
                }
                let timer = loop.after(patience.remaining) { [weak self] in
                    self?.giveUp(number, .expired)
                }
                waiters[number] = Waiter(continuation: continuation, timer: timer)
                if Task.isCancelled { giveUp(number, .cancelled) }
            }
        } onCancel: {
            loop.execute { self.giveUp(number, .cancelled) }
        }
    }

    private func giveUp(_ number: Int, _ reason: Service) {
        guard state.giveUp(number) else { return }
        serve(number, reason)
    }

    private func serve(_ number: Int, _ service: Service) {
        guard let waiter = waiters.removeValue(forKey: number) else {
            servedEarly[number] = service
            return
        }
        loop.cancel(waiter.timer)
        waiter.continuation.resume(returning: service)
    }
}

extension PostgresConnection {
    /// Whether the next borrower may have it: alive, idle and in no transaction.
    var isReusable: Bool { isUsable && !handle.isBusy && isIdle }
}
