import CClock
package import EventLoop
import Glibc
import LinuxSystem

/// The file through which the clock of a process under the shim is moved.
package enum ControlFile {
    /// The variable that names it to the shim.
    package static let variable = "CHAOS_CLOCK"

    /// Makes it, replacing one that is there.
    ///
    /// Throws `SystemError` (ENOENT, EACCES, ENOSPC).
    package static func create(
        _ path: String,
        _ setting: ClockSetting = .none
    ) throws(SystemError) {
        var control = cclock_control()
        control.magic = UInt64(CCLOCK_MAGIC)
        control.settings.0 = setting.native
        let status = unsafe cclock_create(path, &control)
        _ = try SystemError.check(status, call: "writing", object: path)
    }

    /// Moves the clock of every process that maps the file; at once, also while they read it.
    ///
    /// Throws `SystemError`: no such file (ENOENT), or not a control file (EINVAL).
    package static func set(_ path: String, _ setting: ClockSetting) throws(SystemError) {
        let descriptor = try open(path, writes: true)
        defer { close(descriptor) }
        var native = setting.native
        let status = unsafe cclock_set(descriptor, 0, &native)
        _ = try SystemError.check(status, call: "moving the clock by", object: path)
    }

    /// What stands in it.
    ///
    /// Throws `SystemError`.
    package static func read(_ path: String) throws(SystemError) -> ClockState {
        let descriptor = try open(path, writes: false)
        defer { close(descriptor) }
        var control = cclock_control()
        let status = unsafe cclock_read(descriptor, 0, &control)
        _ = try SystemError.check(status, call: "reading", object: path)
        guard control.magic == UInt64(CCLOCK_MAGIC) else {
            throw SystemError(
                call: "reading",
                object: path,
                code: EINVAL,
                remedy: "Name a control file that chaos clock exec made."
            )
        }
        return ClockState(control)
    }

    /// The path of a file for this process and the program that it becomes.
    package static func ownPath(in directory: String) -> String {
        let pid = ProcessIdentity.current
        return "\(directory)/\(pid)-\(ProcessIdentity.startTime(pid) ?? 0).clock"
    }

    /// Removes the files of processes that are gone; what still maps one keeps its clock.
    package static func sweep(_ directory: String) {
        for name in (try? SystemFiles.list(directory)) ?? [] where name.hasSuffix(".clock") {
            let numbers = name.dropLast(6).split(separator: "-")
            guard numbers.count == 2, let pid = Int32(numbers[0]), let start = UInt64(numbers[1]),
                !ProcessIdentity.isAlive(pid, startTime: start)
            else { continue }
            try? SystemFiles.removeTree("\(directory)/\(name)")
        }
    }

    private static func open(_ path: String, writes: Bool) throws(SystemError) -> Int32 {
        let descriptor = unsafe cclock_open(path, writes ? 1 : 0)
        return try SystemError.check(descriptor, call: "opening", object: path)
    }
}
