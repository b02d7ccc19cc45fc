import CLinux
import Glibc

/// What the kernel says of this process (proc(5)); 0 where it says nothing.
struct ProcessFigures: Sendable {
    var cpuSeconds = 0.0
    var residentBytes = 0
    var virtualBytes = 0
    var openDescriptors = 0
    var descriptorsMax = 0
    /// Seconds since the epoch.
    var startedAt = 0.0

    static func read() -> ProcessFigures {
        var figures = ProcessFigures()
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let page = Int(getpagesize())
        // Behind the name, which may hold anything, in parentheses: field 3 is the first.
        let stat = text(of: "/proc/self/stat")
        let fields = (stat.split(separator: ")").last ?? "").split(separator: " ")
        if fields.count > 21 {
            let cpu = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
            figures.cpuSeconds = cpu / ticks
            figures.startedAt = bootTime() + (Double(fields[19]) ?? 0) / ticks
            figures.virtualBytes = Int(fields[20]) ?? 0
            figures.residentBytes = (Int(fields[21]) ?? 0) * page
        }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            figures.descriptorsMax = Int(clamping: limit.rlim_cur)
        }
        figures.openDescriptors = countDescriptors()
        return figures
    }

    func write(into metrics: inout MetricsText) {
        let rows: [(String, String, String, String)] = [
            ("cpu_seconds_total", "counter", "CPU time in user and system mode.", "\(cpuSeconds)"),
            ("max_fds", "gauge", "Descriptors that may be open.", "\(descriptorsMax)"),
            ("open_fds", "gauge", "Descriptors that are open.", "\(openDescriptors)"),
            ("resident_memory_bytes", "gauge", "Memory in use.", "\(residentBytes)"),
            ("start_time_seconds", "gauge", "When the process began, Unix time.", "\(startedAt)"),
            ("virtual_memory_bytes", "gauge", "Address space in use.", "\(virtualBytes)"),
        ]
        for (name, type, help, value) in rows {
            metrics.family("process_" + name, type, help)
            metrics.sample("process_" + name, [], value)
        }
    }

    private static func bootTime() -> Double {
        let line = text(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) } ?? 0
    }

    private static func countDescriptors() -> Int {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { _ = unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Not `.`, `..` and the directory's own.
        return max(0, count - 3)
    }

    /// The beginning of a file of the kernel's, at most 64 KiB.
    private static func text(of path: String) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var length = 0
        while length < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[length...])
                return unsafe clinux_read(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { break }
            length += count
        }
        return String(decoding: bytes[..<length], as: UTF8.self)
    }
}
