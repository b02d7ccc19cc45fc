package import EventLoop
internal import Glibc

/// Files and directories; what is written is on the disk when the call returns.
package enum SystemFiles {
    /// The whole file.
    ///
    /// Throws `SystemError` (ENOENT, EACCES, EISDIR, …).
    package static func read(_ path: String) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read(path) { bytes += $0 }
        return bytes
    }

    /// The whole file in pieces of at most 64 KiB, so that it need not be held at once.
    ///
    /// Throws `SystemError` (ENOENT, EACCES, EISDIR, …), also after some pieces.
    package static func read(
        _ path: String,
        _ body: ([UInt8]) -> Void
    ) throws(SystemError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("reading", path) }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                body(count == chunk.count ? chunk : Array(chunk[..<count]))
            } else if count == 0 {
                return
            } else if errno != EINTR {
                throw failure("reading", path)
            }
        }
    }

    /// Replaces a file: readers see the old bytes or the new, also after a crash; an error leaves
    /// the old.
    ///
    /// Temporary file beside it, fsync, rename, fsync of the directory.
    package static func writeAtomically(
        _ path: String,
        _ bytes: [UInt8],
        mode: UInt32
    ) throws(SystemError) {
        let draft = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("writing", path) }
        var isDone = false
        defer { if !isDone { unsafe unlink(draft) } }
        do {
            defer { close(descriptor) }
            try writeAll(bytes, to: descriptor, path)
            fchmod(descriptor, mode)
            guard fsync(descriptor) == 0 else { throw failure("fsync of", path) }
        }
        guard unsafe Glibc.rename(draft, path) == 0 else { throw failure("writing", path) }
        isDone = true
        try syncDirectory(of: path)
    }

    /// Makes names in a directory durable.
    package static func syncDirectory(of path: String) throws(SystemError) {
        let directory = parent(of: path)
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opening", directory) }
        defer { close(descriptor) }
        // Some file systems refuse fsync on directories (EINVAL): nothing more can be done there.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw failure("fsync of", directory)
        }
    }

    static func writeAll(
        _ bytes: [UInt8],
        to descriptor: Int32,
        _ path: String
    ) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe write(
                    descriptor,
                    all.baseAddress.map { unsafe $0 + written },
                    all.count - written
                )
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                throw failure("writing", path)
            }
        }
    }

    /// The directory that a path stands in.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func failure(_ call: String, _ path: String) -> SystemError {
        SystemError(call: call, object: path, code: errno)
    }
}
