import EventLoop
import Synchronization

/// Lets somebody end a wait early: the request is kept, also when nobody waits yet.
///
/// A fault's task is never cancelled (its undo must survive); this is how it learns that its time
/// is over.
final class EndSignal: Sendable {
    private struct State {
        var isRequested = false
        var sleeper: Task<Void, any Error>?
    }

    private let loop: Loop
    private let state = Mutex(State())

    init(loop: Loop) {
        self.loop = loop
    }

    var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Ends the present wait and every later one; any thread, any number of times.
    func request() {
        let sleeper = state.withLock { state in
            state.isRequested = true
            return state.sleeper
        }
        sleeper?.cancel()
    }

    /// Waits; returns early with `true` when the end was asked for.
    ///
    /// One waiter at a time.
    func wait(_ duration: Duration) async -> Bool {
        let loop = loop
        // Owned by this call, which awaits it.
        let sleeper = loop.spawn { try await loop.sleep(for: duration) }
        let isRequested = state.withLock { state in
            state.sleeper = sleeper
            return state.isRequested
        }
        if isRequested { sleeper.cancel() }
        _ = await sleeper.result
        return state.withLock { state in
            state.sleeper = nil
            return state.isRequested
        }
    }
}
