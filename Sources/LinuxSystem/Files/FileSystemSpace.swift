internal import CLinux
package import EventLoop

/// The file system on which a path lies, and how much room is left there.
package struct FileSystemSpace: Sendable, Hashable {
    package let device: UInt64
    /// For everybody but root, bytes.
    package let free: Int64
    package let total: Int64

    /// Looks at it.
    ///
    /// Throws `SystemError` (ENOENT, EACCES). C counterpart: `stat`, `statvfs`.
    package static func of(_ path: String) throws(SystemError) -> FileSystemSpace {
        var (device, free, total) = (UInt64(0), Int64(0), Int64(0))
        let status = unsafe clinux_file_system(path, &device, &free, &total)
        _ = try SystemError.check(status, call: "looking at the file system of", object: path)
        return FileSystemSpace(device: device, free: free, total: total)
    }
}
