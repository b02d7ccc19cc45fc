internal import CLinux
package import EventLoop
internal import Glibc

/// A child of ours that does nothing but use something up: a processor, memory or a disk.
///
/// It ends when it is killed, when its lease is over, and when the thread that started it dies
/// (PR_SET_PDEATHSIG); it holds no descriptor but that of a file without a name, and goes first
/// when memory is short. Its name tells whose it is, so that it can be found with nothing else
/// left.
package struct BurdenProcess: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Percent of one processor, 1 to 100.
        case processor(percent: Int)
        case memory(bytes: Int64)
        /// A file in a directory that grows until only so much is free, or it has the most.
        case file(directory: String, leave: Int64, most: Int64)
    }

    package let pid: Int32
    package let startTime: UInt64

    /// Starts one; `name` of at most 15 bytes.
    ///
    /// Throws `SystemError` (EAGAIN, ENOMEM).
    package static func start(
        _ kind: Kind,
        name: String,
        lease: Duration
    ) throws(SystemError) -> BurdenProcess {
        let milliseconds = Int64(lease / .milliseconds(1))
        let pid: Int32 =
            switch kind {
            case .processor(let percent):
                unsafe clinux_burden(name, 0, Int32(clamping: percent), milliseconds)
            case .memory(let bytes): unsafe clinux_burden(name, bytes, 0, milliseconds)
            case .file(let directory, let leave, let most):
                unsafe clinux_fill(name, directory, leave, most, milliseconds)
            }
        _ = try SystemError.check(pid, call: "starting a burden", object: name)
        return BurdenProcess(pid: pid, startTime: ProcessIdentity.startTime(pid) ?? 0)
    }

    /// The bytes that the file of one takes on its disk.
    package static func fileBytes(of pid: Int32) -> Int64 {
        max(0, unsafe clinux_disk_usage("/proc/\(pid)/fd/0"))
    }

    /// Kills every process of that name that leads a session of its own, as those started here do;
    /// returns how many there were.
    ///
    /// Names must be unique on the host: a run's id belongs into them.
    @discardableResult
    package static func killAll(name: String) -> Int {
        let named = ProcessTable.all().filter { $0.name == name && getsid($0.pid) == $0.pid }
        for process in named {
            let handle = try? ProcessHandle.open(process.pid, startTime: process.startTime)
            _ = try? handle?.signal(SIGKILL)
            // Reaps it when it is ours; ECHILD otherwise, and then somebody else does.
            waitpid(process.pid, nil, 0)
        }
        return named.count { $0.state != "Z" }
    }

    /// Those that run by that name.
    package static func running(name: String) -> [ProcessTable.Entry] {
        ProcessTable.all().filter { entry in
            entry.name == name && entry.state != "Z" && getsid(entry.pid) == entry.pid
        }
    }
}
