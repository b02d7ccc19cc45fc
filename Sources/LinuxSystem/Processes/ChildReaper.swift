internal import CLinux
internal import EventLoop
internal import Glibc
internal import Synchronization

/// Takes in the end of one child process: its pidfd becomes readable, and it is reaped at once.
///
/// The loop holds it until then, so that no zombie is left, whoever forgets the process.
final class ChildReaper: ReadinessHandler, Sendable {
    let pid: Int32
    private let pidfd: Int32
    private let loop: Loop
    private let ended: OneTimeEvent
    /// Held while a signal is sent: the pid cannot be reaped and given away meanwhile.
    private let outcome = Mutex<ExitStatus?>(nil)

    /// Throws `SystemError` (EMFILE, ENOMEM); the process is killed and reaped then.
    init(pid: Int32, loop: Loop) throws(SystemError) {
        self.pid = pid
        self.loop = loop
        ended = OneTimeEvent(on: loop)
        pidfd = clinux_pidfd_open(pid)
        do {
            _ = try SystemError.check(pidfd, call: "pidfd_open", object: "process \(pid)")
            try loop.watch(pidfd, self)
        } catch {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            if pidfd >= 0 { close(pidfd) }
            throw error
        }
    }

    var status: ExitStatus? { outcome.withLock { $0 } }

    func wait() async throws -> ExitStatus {
        precondition(loop.isCurrent, "a process is awaited on the loop that spawned it")
        while true {
            if let status { return status }
            try await ended.wait()
        }
    }

    func signal(_ number: Int32) {
        outcome.withLock { status in
            if status == nil { kill(pid, number) }
        }
    }

    func ready(_ readiness: Readiness) {
        let hasEnded = outcome.withLock { status -> Bool in
            guard status == nil else { return false }
            var value: Int32 = 0
            switch unsafe clinux_reap(pid, &value) {
            case 0: return false
            case 1: status = .exited(value)
            case 2: status = .signalled(value)
            // ECHILD: somebody in this process reaped it behind our back; how it ended is lost.
            default: status = .exited(-1)
            }
            return true
        }
        guard hasEnded else { return }
        loop.unwatch(pidfd)
        close(pidfd)
        ended.happen()
    }
}
