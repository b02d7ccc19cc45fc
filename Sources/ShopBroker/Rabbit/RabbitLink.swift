import EventLoop
import RabbitMQ
import Synchronization

/// A connection to whichever node answers, made again when it is gone.
///
/// Used by one task at a time.
final class RabbitLink: Sendable {
    private struct State {
        var connection: RabbitConnection?
        /// The node that is tried next.
        var next: Int
        var isClosed = false
    }

    private let endpoints: [RabbitEndpoint]
    /// How the next connection is to be.
    private let settings: @Sendable () -> RabbitConnection.Settings
    private let state: Mutex<State>

    init(
        _ endpoints: [RabbitEndpoint],
        settings: @escaping @Sendable () -> RabbitConnection.Settings = { .init() }
    ) {
        self.endpoints = endpoints
        self.settings = settings
        state = Mutex(State(next: Int.random(in: 0..<max(1, endpoints.count))))
    }

    /// The connection; made when there is none, by asking each node once.
    ///
    /// Those who call again after an error wait before they do. `prepare` gets each new one.
    func connection(
        _ prepare: (RabbitConnection) async throws -> Void = { _ in }
    ) async throws -> RabbitConnection {
        if let known = state.withLock({ $0.connection }) { return known }
        var failure: any Error = RabbitError(.connection, "connecting", "there is no RabbitMQ")
        for _ in endpoints {
            let endpoint = state.withLock { state in
                defer { state.next += 1 }
                return endpoints[state.next % endpoints.count]
            }
            do {
                let new = try await RabbitConnection.open(endpoint, settings())
                do {
                    try await prepare(new)
                } catch {
                    await new.close()
                    throw error
                }
                let isClosed = state.withLock { state in
                    if !state.isClosed { state.connection = new }
                    return state.isClosed
                }
                guard !isClosed else {
                    await new.close()
                    throw CancellationError()
                }
                return new
            } catch let error as RabbitError {
                failure = error
            }
        }
        throw failure
    }

    /// Uses the connection, made when there is none.
    ///
    /// Gives it up when it breaks or when the time is over.
    func use<Value: Sendable>(
        within patience: Duration,
        _ body: (RabbitConnection) async throws -> Value
    ) async throws -> Value {
        try await use(try await connection(), within: patience, body)
    }

    /// The same with a connection of this link's, even if it is not the newest.
    func use<Value: Sendable>(
        _ connection: RabbitConnection,
        within patience: Duration,
        _ body: (RabbitConnection) async throws -> Value
    ) async throws -> Value {
        guard let loop = Loop.current else { preconditionFailure("a link is used on a loop") }
        let timer = loop.after(patience) { connection.abort() }
        defer { loop.cancel(timer) }
        do {
            return try await body(connection)
        } catch let error as RabbitError where error.code == .connection {
            await drop(connection)
            throw error
        }
    }

    /// Gives the connection up, if there is one: the next use makes another.
    func drop() async {
        guard let connection = state.withLock({ $0.connection }) else { return }
        await drop(connection)
    }

    func close() async {
        state.withLock { $0.isClosed = true }
        await drop()
    }

    private func drop(_ connection: RabbitConnection) async {
        let isOurs = state.withLock { state in
            guard state.connection === connection else { return false }
            state.connection = nil
            return true
        }
        if isOurs { await connection.close() }
    }
}
