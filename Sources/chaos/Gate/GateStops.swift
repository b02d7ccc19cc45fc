import Glibc
import LinuxSystem
import Synchronization

/// Who must be told when the gate is stopped, and whether it was.
final class GateStops: Sendable {
    /// Why nothing new starts.
    enum Reason: Sendable {
        case signal, budget
        /// One failed, and `--fail-fast` wants no more.
        case failure

        /// The end of the sentence "It was not run: …".
        var words: String {
            switch self {
            case .signal: "the gate was stopped."
            case .budget: "the time budget was over."
            case .failure: "another one had failed."
            }
        }
    }

    private struct State {
        var reason: Reason?
        var running: [Int32: UInt64] = [:]
    }

    private let state = Mutex(State())

    var reason: Reason? { state.withLock(\.reason) }

    /// A run has begun; when the gate was stopped meanwhile it is told at once.
    func add(_ pid: Int32) {
        let start = ProcessIdentity.startTime(pid) ?? 0
        let isStopped = state.withLock { state in
            state.running[pid] = start
            return state.reason != nil
        }
        if isStopped { ProcessIdentity.signal(pid, startTime: start, SIGINT) }
    }

    func remove(_ pid: Int32) {
        state.withLock { _ = $0.running.removeValue(forKey: pid) }
    }

    /// Interrupts every run; a second call interrupts again, which makes runs give up.
    func stop(_ reason: Reason) {
        let running = state.withLock { state in
            if state.reason != .signal { state.reason = reason }
            return state.running
        }
        for (pid, start) in running { ProcessIdentity.signal(pid, startTime: start, SIGINT) }
    }
}
