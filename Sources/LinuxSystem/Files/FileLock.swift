package import EventLoop
internal import Glibc

/// An exclusive lock on a file, held until it is released or this process ends, however it ends.
///
/// A POSIX record lock: children do not inherit it. Closing *any* descriptor of the file in this
/// process would release it, so nothing else may open the file.
package final class FileLock: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Takes the lock, making the file (mode 0600) if need be; `nil` when another process holds it.
    ///
    /// Throws `SystemError` when the file cannot be opened or locked.
    package static func take(_ path: String) throws(SystemError) -> FileLock? {
        while true {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw SystemError(call: "opening", object: path, code: errno)
            }
            guard lockf(descriptor, F_TLOCK, 0) == 0 else {
                let code = errno
                close(descriptor)
                if code == EAGAIN || code == EACCES { return nil }
                throw SystemError(call: "locking", object: path, code: code)
            }
            // Its last holder may have removed the file between our two calls.
            if isCurrent(descriptor, path) {
                return FileLock(path: path, descriptor: descriptor)
            }
            close(descriptor)
        }
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Removes the file and with it the lock; whoever waits for it takes a new file.
    package func remove() {
        unsafe unlink(path)
    }

    private static func isCurrent(_ descriptor: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        guard unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0 else {
            return false
        }
        return held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }
}
