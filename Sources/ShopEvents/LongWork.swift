import EventLoop
import Synchronization

/// Work that goes on from `begin` until it is told to stop.
final class LongWork: Sendable {
    private let loop: Loop
    private let task = Mutex<Task<Void, any Error>?>(nil)
    private let stopping = Mutex(false)

    init(on loop: Loop) {
        self.loop = loop
    }

    /// Whether the work should end of its own accord.
    var isStopping: Bool { stopping.withLock { $0 } }

    func begin(_ body: @escaping @Sendable () async throws -> Void) {
        // Owned here, awaited by `stop`.
        let begun = loop.spawn(body)
        task.withLock { $0 = begun }
    }

    /// Lets the work end, cancels it after the grace, and returns when it is over.
    func stop(grace: Duration) async {
        stopping.withLock { $0 = true }
        let running = task.withLock { $0 }
        let timer = loop.after(grace) { running?.cancel() }
        _ = await running?.result
        loop.cancel(timer)
    }
}
