internal import EventLoop
internal import Glibc

/// The processes of this host, as /proc tells them at one moment.
package enum ProcessTable {
    /// One process: what `/proc/PID/stat` says (proc_pid_stat(5)).
    package struct Entry: Sendable, Hashable {
        package var pid: Int32
        /// The name that the kernel shows, at most 15 bytes.
        package var name: String
        /// `R` running, `S` sleeping, `D` waiting for a disk, `T` stopped, `Z` dead and not reaped.
        package var state: Character
        package var parent: Int32
        /// User and system time so far, clock ticks.
        package var ticks: UInt64
        package var startTime: UInt64
        /// Pages in memory.
        package var residentPages: UInt64
    }

    /// A process; `nil` when there is none.
    package static func entry(_ pid: Int32) -> Entry? {
        guard let bytes = try? SystemFiles.read("/proc/\(pid)/stat") else { return nil }
        return Entry(stat: String(decoding: bytes, as: UTF8.self))
    }

    /// Every process, in no order.
    package static func all() -> [Entry] {
        let names = (try? SystemFiles.list("/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap(entry)
    }

    /// The pids above a process, its parent first; a damaged table ends the walk.
    package static func ancestors(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        var next = entry(pid)?.parent
        while let pid = next, pid > 0, !found.contains(pid), found.count < 64 {
            found.append(pid)
            next = entry(pid)?.parent
        }
        return found
    }

    /// The processes below a process, parents before children.
    package static func descendants(of pid: Int32) -> [Entry] {
        let children = Dictionary(grouping: all(), by: \.parent)
        var found: [Entry] = []
        var level = [pid]
        while !level.isEmpty {
            let next = level.flatMap { children[$0] ?? [] }
            found += next
            level = next.map(\.pid)
        }
        return found
    }

    /// The lowest descriptor number that a process has free, and how many it has open.
    ///
    /// `nil` when it is gone or we may not look (another user's).
    package static func descriptors(of pid: Int32) -> (lowestFree: Int, open: Int)? {
        guard let names = try? SystemFiles.list("/proc/\(pid)/fd") else { return nil }
        let numbers = Set(names.compactMap { Int($0) })
        var lowest = 0
        while numbers.contains(lowest) { lowest += 1 }
        return (lowest, numbers.count)
    }

    /// The process that traces a process (ptrace(2)); `nil` when none does.
    package static func tracer(of pid: Int32) -> Int32? {
        let bytes = (try? SystemFiles.read("/proc/\(pid)/status")) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("TracerPid:") }
        return line.flatMap { Int32($0.filter(\.isNumber)) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Clock ticks per second, the unit of `ticks`.
    package static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))
    /// Bytes per page.
    package static let pageSize = Int(getpagesize())
}

extension ProcessTable.Entry {
    /// Reads a line of `/proc/PID/stat`; the name in it may hold anything, also `) `.
    init?(stat: String) {
        guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"),
            let pid = Int32(stat[..<open].dropLast())
        else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 21, let state = fields[0].first, let parent = Int32(fields[1]),
            let user = UInt64(fields[11]), let system = UInt64(fields[12]),
            let startTime = UInt64(fields[19]), let pages = UInt64(fields[21].filter(\.isNumber))
        else { return nil }
        self.init(
            pid: pid,
            name: String(stat[stat.index(after: open)..<close]),
            state: state,
            parent: parent,
            ticks: user + system,
            startTime: startTime,
            residentPages: pages
        )
    }
}
