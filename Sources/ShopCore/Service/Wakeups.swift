import EventLoop
import Synchronization

/// Wakes those who wait for something by name, in this process.
package final class Wakeups: Sendable {
    private struct State {
        var tickets: [String: [Int: Ticket]] = [:]
        var count = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    package init() {}

    /// The right to be woken once; a wake that comes before `wait` is not lost.
    package final class Ticket: Sendable {
        private enum State {
            case idle
            case fired
            case waiting(CheckedContinuation<Void, Never>)
        }

        private let state = Mutex(State.idle)

        package init() {}

        /// Returns when the name was woken, the time is over, or the task is cancelled; on a loop.
        package func wait(atMost limit: Duration) async {
            guard let loop = Loop.current else { preconditionFailure("waiting beside a loop") }
            let timer = loop.after(limit) { self.fire() }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isFired = state.withLock { state in
                        if case .fired = state { return true }
                        state = .waiting(continuation)
                        return false
                    }
                    if isFired { continuation.resume() }
                }
            } onCancel: {
                fire()
            }
            loop.cancel(timer)
        }

        /// Wakes the waiter, now or as soon as it waits.
        package func fire() {
            let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
                defer { state = .fired }
                if case .waiting(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume()
        }
    }

    /// Whether nobody waits any more.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The names that somebody waits for.
    package var names: [String] { state.withLock { Array($0.tickets.keys) } }

    /// Lends a ticket for a name: look at the state inside the body, then wait, and nothing is
    /// missed.
    package func withTicket<T>(
        for name: String,
        _ body: (Ticket) async throws -> T
    ) async rethrows -> T {
        let ticket = Ticket()
        let number = state.withLock { state in
            state.count += 1
            state.tickets[name, default: [:]][state.count] = ticket
            if state.isClosed { ticket.fire() }
            return state.count
        }
        defer {
            state.withLock { state in
                state.tickets[name]?[number] = nil
                if state.tickets[name]?.isEmpty == true { state.tickets[name] = nil }
            }
        }
        return try await body(ticket)
    }

    /// Wakes everybody who waits for the name.
    package func wake(_ name: String) {
        let tickets = state.withLock { $0.tickets[name].map { Array($0.values) } ?? [] }
        for ticket in tickets { ticket.fire() }
    }

    /// Wakes everybody; who comes later does not wait.
    package func close() {
        let tickets = state.withLock { state in
            state.isClosed = true
            return state.tickets.values.flatMap(\.values)
        }
        for ticket in tickets { ticket.fire() }
    }
}
