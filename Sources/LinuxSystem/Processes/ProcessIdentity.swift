internal import Glibc

/// A pid with the time at which its process started: together they name one process for ever.
package enum ProcessIdentity {
    /// When a process started, in clock ticks since boot (`/proc/PID/stat`, field 22); `nil` when
    /// there is none.
    package static func startTime(_ pid: Int32) -> UInt64? {
        fields(of: pid).flatMap { $0.count > 19 ? UInt64($0[19]) : nil }
    }

    /// Whether that very process runs; a zombie does not.
    package static func isAlive(_ pid: Int32, startTime: UInt64) -> Bool {
        guard let fields = fields(of: pid), fields.count > 19 else { return false }
        return UInt64(fields[19]) == startTime && fields[0] != "Z" && fields[0] != "X"
    }

    /// Sends a signal to that very process; returns whether it was there.
    @discardableResult
    package static func signal(_ pid: Int32, startTime: UInt64, _ number: Int32) -> Bool {
        guard isAlive(pid, startTime: startTime) else { return false }
        return kill(pid, number) == 0
    }

    /// Our own pid.
    package static var current: Int32 { getpid() }

    /// The fields of `/proc/PID/stat` from the third (state) on.
    private static func fields(of pid: Int32) -> [Substring]? {
        guard let bytes = try? SystemFiles.read("/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }
}

/// When a process started; see `ProcessIdentity`.
package func processStartTime(_ pid: Int32) -> UInt64? { ProcessIdentity.startTime(pid) }

/// Whether that very process runs; see `ProcessIdentity`.
package func isAlive(_ pid: Int32, startTime: UInt64) -> Bool {
    ProcessIdentity.isAlive(pid, startTime: startTime)
}

/// The path of the running executable.
package func executablePath() -> String {
    (try? SystemFiles.linkDestination("/proc/self/exe")) ?? ""
}
