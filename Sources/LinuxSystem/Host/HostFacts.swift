internal import CLinux
internal import Glibc

/// What this machine is.
package enum HostFacts {
    /// The kernel's release: `6.1.0-18-amd64`.
    package static var kernelRelease: String { trimmed("/proc/sys/kernel/osrelease") }

    package static var hostName: String { trimmed("/proc/sys/kernel/hostname") }

    /// Processors that we may run on.
    package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Bytes of memory.
    package static var memoryBytes: Int {
        max(0, sysconf(Int32(_SC_PHYS_PAGES))) * Int(getpagesize())
    }

    /// `Debian GNU/Linux 12 (bookworm)`.
    package static var distribution: String {
        let lines = trimmed("/etc/os-release").split(separator: "\n")
        let line = lines.first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst(12)).filter { $0 != "\"" } } ?? "Linux"
    }

    /// Raises our limit of open files to the hard one, and returns it.
    @discardableResult
    package static func raiseOpenFileLimit() -> Int { Int(max(0, clinux_raise_open_files())) }

    private static func trimmed(_ path: String) -> String {
        guard let bytes = try? SystemFiles.read(path) else { return "" }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
