import ChaosJournal
import Synchronization

/// Holds why a run shall stop, and cancels the stage that is under way; the first reason counts.
final class StopSwitch: Sendable {
    struct Reason: Sendable, Equatable {
        var kind: RunEnded.Reason
        var detail: String
    }

    private struct State {
        var reason: Reason?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var reason: Reason? { state.withLock { $0.reason } }

    /// Asks for the end; returns whether this was the first to ask.
    @discardableResult
    func stop(_ kind: RunEnded.Reason, _ detail: String) -> Bool {
        let (isFirst, cancel) = state.withLock { state in
            guard state.reason == nil else { return (false, nil as (@Sendable () -> Void)?) }
            state.reason = Reason(kind: kind, detail: detail)
            return (true, state.cancel)
        }
        cancel?()
        return isFirst
    }

    /// Runs a stage so that `stop` cancels it; cancels at once when the run is stopped already.
    func whileStoppable<T: Sendable>(_ task: Task<T, any Error>) async throws -> T {
        let isStopped = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.reason != nil
        }
        if isStopped { task.cancel() }
        defer { state.withLock { $0.cancel = nil } }
        return try await task.value
    }
}
