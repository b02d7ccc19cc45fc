package import EventLoop
internal import Glibc

extension SystemFiles {
    /// Whether there is anything at a path (a dangling link counts not).
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    package static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes a directory; one that is there already is fine and keeps its mode.
    package static func createDirectory(
        _ path: String,
        mode: UInt32,
        parents: Bool
    ) throws(SystemError) {
        if isDirectory(path) { return }
        let above = parent(of: path)
        if parents, !isDirectory(above) {
            try createDirectory(above, mode: mode | 0o111, parents: true)
        }
        guard unsafe mkdir(path, mode) == 0 || (errno == EEXIST && isDirectory(path)) else {
            throw failure("making the directory", path)
        }
    }

    /// A new directory under TMPDIR (or /tmp), mode 0700.
    package static func makeTemporaryDirectory(prefix: String) throws(SystemError) -> String {
        let base = Environment.get("TMPDIR") ?? "/tmp"
        var template = Array("\(base)/\(prefix)XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw failure("making a directory in", base)
        }
        return String(
            decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    /// The names in a directory, without `.` and `..`, in no order.
    package static func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw failure("listing", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a file, or a directory with all that it holds; links are removed, not followed.
    ///
    /// Nothing there: fine.
    package static func removeTree(_ path: String) throws(SystemError) {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else {
            if errno == ENOENT { return }
            throw failure("removing", path)
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            guard unsafe unlink(path) == 0 || errno == ENOENT else {
                throw failure("removing", path)
            }
            return
        }
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
    }

    package static func rename(_ from: String, to: String) throws(SystemError) {
        guard unsafe Glibc.rename(from, to) == 0 else { throw failure("renaming \(from) to", to) }
    }

    package static func chown(_ path: String, uid: UInt32, gid: UInt32) throws(SystemError) {
        guard unsafe Glibc.chown(path, uid, gid) == 0 else {
            throw failure("changing the owner of", path)
        }
    }

    package static func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
        guard unsafe chmod(path, mode) == 0 else { throw failure("changing the mode of", path) }
    }

    /// Points a symbolic link at a destination, atomically, whatever it pointed at before.
    package static func replaceLink(_ path: String, to destination: String) throws(SystemError) {
        let draft = "\(path).\(getpid()).tmp"
        unsafe unlink(draft)
        guard unsafe symlink(destination, draft) == 0, unsafe Glibc.rename(draft, path) == 0 else {
            throw failure("linking", path)
        }
    }

    /// Where a symbolic link points.
    package static func linkDestination(_ path: String) throws(SystemError) -> String {
        var text = [CChar](repeating: 0, count: 4097)
        let count = unsafe readlink(path, &text, 4096)
        guard count >= 0 else { throw failure("reading the link", path) }
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path from the root; relative ones are taken from the working directory.
    package static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let here = try? linkDestination("/proc/self/cwd") else { return path }
        return here + "/" + path
    }

    /// Eight bytes of the kernel's randomness.
    package static func randomSeed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
