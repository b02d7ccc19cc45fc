internal import CLinux
internal import EventLoop
internal import Glibc

extension NetworkNamespace {
    /// Makes a namespace with a name; it stays until it is removed, also without any process.
    ///
    /// Its loopback interface is down, as the kernel makes it.
    /// Throws `SystemError`: EEXIST when the name is taken, EPERM without CAP_SYS_ADMIN; nothing is
    /// left then.
    package func create() throws {
        guard let name, isNamed else {
            preconditionFailure("only a namespace with a name can be made")
        }
        try Self.prepareDirectory()
        let path = Self.path(of: name)
        let file = unsafe Glibc.open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
        guard file >= 0 else { throw failure("making", errno) }
        close(file)
        do {
            let home = try Self.openPath(Self.threadPath, self)
            defer { close(home) }
            try check(clinux_unshare_network(), "making")
            let bound = unsafe clinux_bind_mount(Self.threadPath, path)
            let back = clinux_enter_network(home)
            precondition(back == 0, "the thread must come back to its namespace: errno \(-back)")
            try check(bound, "naming")
        } catch {
            unsafe unlink(path)
            throw error
        }
    }

    /// Removes the name; the namespace goes with its last process.
    ///
    /// One that is not there is fine.
    ///
    /// Throws `SystemError` (EPERM, EBUSY).
    package func remove() throws {
        guard let name, isNamed else {
            preconditionFailure("only a namespace with a name can be removed")
        }
        let path = Self.path(of: name)
        guard SystemFiles.exists(path) else { return }
        let unmounted = unsafe clinux_unmount(path)
        // EINVAL: a file that nothing is mounted on, the rest of a `create` that was cut short.
        guard unmounted == 0 || unmounted == -EINVAL || unmounted == -ENOENT else {
            throw failure("removing", -unmounted)
        }
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw failure("removing", errno)
        }
    }

    /// The names of the interfaces in the namespace, loopback included.
    package func interfaces() throws -> [String] {
        try perform {
            let bytes = try SystemFiles.read("/proc/thread-self/net/dev")
            // Two lines of headings, then `  eth0: figures…`.
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst(2)
                .compactMap { line in
                    line.split(separator: ":").first.map { $0.filter { $0 != " " } }
                }
        }
    }

    /// As ip-netns(8) does it: a shared mount, so that every mount namespace sees new names.
    private static func prepareDirectory() throws {
        if !SystemFiles.exists(directory) {
            try SystemFiles.createDirectory(directory, mode: 0o755, parents: true)
        }
        if unsafe clinux_share_mount(directory) == 0 { return }
        // It is no mount point yet.
        _ = try SystemError.check(
            unsafe clinux_bind_mount(directory, directory),
            call: "mounting",
            object: directory
        )
        _ = try SystemError.check(
            unsafe clinux_share_mount(directory),
            call: "sharing the mount",
            object: directory
        )
    }

    private func check(_ result: Int32, _ call: String) throws(SystemError) {
        if result < 0 { throw failure(call, -result) }
    }

    private func failure(_ call: String, _ code: Int32) -> SystemError {
        SystemError(
            call: call,
            object: description,
            code: code,
            remedy: code == EPERM ? "Run as root." : nil
        )
    }
}
