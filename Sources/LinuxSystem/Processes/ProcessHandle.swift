internal import CLinux
package import EventLoop
internal import Glibc

/// One process of this host, held by a pidfd: a later process of the same number is never meant.
package final class ProcessHandle: Sendable {
    package let pid: Int32
    /// Clock ticks since boot, field 22 of proc_pid_stat(5).
    package let startTime: UInt64
    private let descriptor: Int32

    /// The process of that number; `nil` when there is none, or one that started at another time.
    ///
    /// Throws `SystemError` (EMFILE, EPERM) when the kernel does not hand it out.
    package static func open(
        _ pid: Int32,
        startTime: UInt64? = nil
    ) throws(SystemError) -> ProcessHandle? {
        let descriptor = clinux_pidfd_open(pid)
        if descriptor == -ESRCH { return nil }
        _ = try SystemError.check(descriptor, call: "pidfd_open", object: "process \(pid)")
        // Read while we hold it and looked at again: then the number cannot have been given away.
        guard let found = ProcessIdentity.startTime(pid),
            clinux_pidfd_signal(descriptor, 0) != -ESRCH,
            startTime == nil || startTime == found
        else {
            close(descriptor)
            return nil
        }
        return ProcessHandle(pid, found, descriptor)
    }

    private init(_ pid: Int32, _ startTime: UInt64, _ descriptor: Int32) {
        self.pid = pid
        self.startTime = startTime
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Sends a signal; returns whether the process was still there.
    ///
    /// Throws `SystemError` (EPERM). C counterpart: `pidfd_send_signal`.
    @discardableResult
    package func signal(_ number: Int32) throws(SystemError) -> Bool {
        let status = clinux_pidfd_signal(descriptor, number)
        if status == -ESRCH { return false }
        _ = try SystemError.check(status, call: "signalling", object: "process \(pid)")
        return true
    }

    /// Whether it runs; a zombie does not.
    package var isAlive: Bool { ProcessIdentity.isAlive(pid, startTime: startTime) }
}

/// The limit of open files of one process (RLIMIT_NOFILE).
package struct OpenFileLimit: Sendable, Hashable {
    /// What is in force; the process may raise it up to `hard` itself.
    package var soft: UInt64
    package var hard: UInt64

    /// The limits of a process.
    ///
    /// Throws `SystemError` (ESRCH, EPERM). C counterpart: `prlimit`.
    package static func of(_ pid: Int32) throws(SystemError) -> OpenFileLimit {
        try call(pid, set: -1)
    }

    /// Changes the soft limit and leaves the hard one, which nobody could raise again.
    ///
    /// Throws `SystemError` (ESRCH, EPERM, EINVAL above the hard limit). C counterpart: `prlimit`.
    package static func setSoft(_ limit: UInt64, of pid: Int32) throws(SystemError) {
        _ = try call(pid, set: Int64(clamping: limit))
    }

    private static func call(_ pid: Int32, set: Int64) throws(SystemError) -> OpenFileLimit {
        var limit = OpenFileLimit(soft: 0, hard: 0)
        let status = unsafe clinux_open_files(pid, set, &limit.soft, &limit.hard)
        _ = try SystemError.check(status, call: "prlimit", object: "process \(pid)")
        return limit
    }
}
