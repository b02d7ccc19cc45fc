package import EventLoop
internal import Glibc

/// A control group of cgroup v2 (cgroups(7)) that we make, use for its core files and remove.
package struct ControlGroup: Sendable, Hashable {
    /// Its directory.
    package let path: String

    /// Where cgroup v2 is mounted; `nil` when it is not.
    package static var mount: String? {
        guard let bytes = try? SystemFiles.read("/proc/self/mounts") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count > 2, fields[2] == "cgroup2" { return String(fields[1]) }
        }
        return nil
    }

    /// The group of that path below the mount.
    package init(mount: String, name: String) {
        path = name == "/" ? mount : "\(mount)/\(name.drop { $0 == "/" })"
    }

    /// The group in which a process is, as its path below the mount; `nil` when it is gone.
    package static func name(of pid: Int32) -> String? {
        guard let bytes = try? SystemFiles.read("/proc/\(pid)/cgroup") else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    }

    package var exists: Bool { SystemFiles.isDirectory(path) }

    /// Makes it; one that is there is fine.
    ///
    /// Throws `SystemError` (EACCES, EROFS).
    package func create() throws(SystemError) {
        if unsafe mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        throw SystemError(call: "making the control group", object: path, code: errno)
    }

    /// Removes it; only an empty one goes.
    ///
    /// Throws `SystemError` (EBUSY while processes are in it).
    package func remove() throws(SystemError) {
        if unsafe rmdir(path) == 0 || errno == ENOENT { return }
        throw SystemError(call: "removing the control group", object: path, code: errno)
    }

    /// Takes a process in, with its threads; one that has ended is fine.
    ///
    /// Throws `SystemError` (EACCES, EOPNOTSUPP).
    package func add(_ pid: Int32) throws(SystemError) {
        do throws(SystemError) {
            try write("\(pid)", to: "cgroup.procs")
        } catch {
            if error.code != ESRCH { throw error }
        }
    }

    /// The processes in it.
    package var processes: [Int32] {
        let bytes = (try? SystemFiles.read("\(path)/cgroup.procs")) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap {
            Int32($0)
        }
    }

    /// Stops or lets go everything in it; the processes cannot see it.
    ///
    /// Throws `SystemError`: a kernel before 5.2 (ENOENT, EACCES).
    package func setFrozen(_ isFrozen: Bool) throws(SystemError) {
        try write(isFrozen ? "1" : "0", to: "cgroup.freeze")
    }

    /// Whether everything in it stands still.
    package var isFrozen: Bool {
        let bytes = (try? SystemFiles.read("\(path)/cgroup.events")) ?? []
        return String(decoding: bytes, as: UTF8.self).contains("frozen 1")
    }

    /// What one of its files says; `nil` when it is not there.
    func read(_ file: String) -> String? {
        (try? SystemFiles.read("\(path)/\(file)")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes one of its files.
    func write(_ text: String, to file: String) throws(SystemError) {
        let whole = "\(path)/\(file)"
        let descriptor = unsafe open(whole, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SystemError(call: "opening", object: whole, code: errno)
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw SystemError(call: "writing \(text) to", object: whole, code: errno)
        }
    }
}
