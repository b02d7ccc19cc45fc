import Synchronization

/// Since when the model may lack something: the last time at which it had all there was.
final class Freshness: Sendable {
    private let caughtUpAt = Mutex<Int64?>(nil)

    /// The model has what was in the log at this moment, in monotonic nanoseconds.
    func isCaughtUp(at time: Int64) { caughtUpAt.withLock { $0 = time } }

    /// How old the model may be; `nil` when it never had everything since this process began.
    func milliseconds(now: Int64) -> Int64? {
        caughtUpAt.withLock { $0 }.map { max(0, now - $0) / 1_000_000 }
    }
}
