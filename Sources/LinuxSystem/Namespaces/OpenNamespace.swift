internal import CLinux
package import EventLoop
internal import Glibc

/// An open network namespace: it lives at least as long as this value.
///
/// A thread belongs to one namespace, so whatever is done inside is done by a thread of its own
/// that
/// ends afterwards: no thread of ours ever has to find its way back.
package final class OpenNamespace: Sendable {
    /// Where it was opened: a path, or `a fresh namespace`.
    package let name: String
    /// Device and inode; tells namespaces apart while they live.
    package let identity: Identity
    private let descriptor: Int32

    package struct Identity: Sendable, Hashable {
        package var device: UInt64
        package var inode: UInt64

        package init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    /// The namespace in which we are.
    package static let own = "/proc/self/ns/net"
    /// Where `ip netns` keeps its names.
    package static let directory = "/run/netns"

    /// Opens a namespace by its path, such as `/proc/4711/ns/net`.
    ///
    /// - Throws: `SystemError` when it is not there, may not be opened, or is none.
    package convenience init(path: String) throws(SystemError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SystemError(call: "opening the network namespace", object: path, code: errno)
        }
        try self.init(descriptor: descriptor, name: path)
    }

    /// Opens a namespace by its name under `/run/netns`, by its absolute path, or our own (`nil`).
    ///
    /// - Throws: `SystemError` as of `init(path:)`.
    package convenience init(named name: String?) throws(SystemError) {
        switch name {
        case nil: try self.init(path: Self.own)
        case let path? where path.hasPrefix("/"): try self.init(path: path)
        case let name?: try self.init(path: "\(Self.directory)/\(name)")
        }
    }

    /// Takes over a descriptor; closes it in any case.
    private init(descriptor: Int32, name: String) throws(SystemError) {
        var facts = stat()
        guard unsafe fstat(descriptor, &facts) == 0 else {
            let code = errno
            close(descriptor)
            throw SystemError(call: "reading the network namespace", object: name, code: code)
        }
        self.descriptor = descriptor
        self.name = name
        identity = Identity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
    }

    deinit { close(descriptor) }

    /// Makes a namespace that has no name and vanishes with its last user; only `lo` is in it,
    /// down.
    ///
    /// - Throws: `SystemError` (EPERM without CAP_SYS_ADMIN).
    package static func fresh() throws -> OpenNamespace {
        let descriptor = try OneThread.run { () throws -> Int32 in
            _ = try SystemError.check(
                clinux_unshare_network(),
                call: "making",
                object: "a network namespace"
            )
            let descriptor = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw SystemError(call: "opening", object: "a fresh namespace", code: errno)
            }
            return descriptor
        }
        return try OpenNamespace(descriptor: descriptor, name: "a fresh namespace")
    }

    /// A path by which processes of this user can open the namespace while this value lives.
    package var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Every network namespace that has a name or a process, each once; what cannot be opened is
    /// left out.
    package static func all() -> [OpenNamespace] {
        var found: [Identity: OpenNamespace] = [:]
        let names = ((try? SystemFiles.list(directory)) ?? []).sorted().map { "\(directory)/\($0)" }
        let processes = ((try? SystemFiles.list("/proc")) ?? []).filter { Int32($0) != nil }
            .map { "/proc/\($0)/ns/net" }
        for path in [own] + names + processes {
            guard let namespace = try? OpenNamespace(path: path) else { continue }
            if found[namespace.identity] == nil { found[namespace.identity] = namespace }
        }
        return Array(found.values)
    }

    /// Lends the descriptor, for calls of the kernel that take one.
    package func withDescriptor<Value>(_ body: (Int32) throws -> Value) rethrows -> Value {
        try body(descriptor)
    }

    /// Runs a body inside, on a thread of its own, and waits for it: sockets that it opens stay in
    /// the namespace.
    ///
    /// - Throws: `SystemError` when the namespace cannot be entered; what the body throws.
    package func run<Value: Sendable>(
        _ body: @Sendable () throws -> Value
    ) throws -> Value {
        try OneThread.run {
            _ = try SystemError.check(
                clinux_enter_network(descriptor),
                call: "entering the network namespace",
                object: name
            )
            return try body()
        }
    }
}
