internal import EventLoop
internal import Glibc

/// A file that only grows; each `append` is one write at its end.
package final class AppendFile: Sendable {
    package let path: String
    private let descriptor: Int32

    /// Opens or makes the file (mode 0644).
    ///
    /// Throws `SystemError`.
    package init(_ path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemFiles.failure("opening", path) }
    }

    deinit { close(descriptor) }

    /// Writes at the end: afterwards the bytes survive the death of this process.
    ///
    /// Throws `SystemError` (ENOSPC, …).
    package func append(_ bytes: [UInt8]) throws {
        try SystemFiles.writeAll(bytes, to: descriptor, path)
    }

    /// Makes what was appended survive the death of the machine.
    package func sync() throws {
        guard fdatasync(descriptor) == 0 else { throw SystemFiles.failure("fsync of", path) }
    }
}
