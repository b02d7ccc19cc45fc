internal import CLinux
internal import EventLoop
internal import Glibc

/// A network namespace: the one that the thread is in, one with a name below `/run/netns`, or the
/// one at a path.
///
/// Names are those of ip-netns(8): what we make, `ip netns exec NAME …` can enter, and the other
/// way round. Paths are such as `/proc/4711/ns/net`, for the namespace of a container.
package struct NetworkNamespace: Sendable, Hashable, CustomStringConvertible {
    /// A name or an absolute path; `nil`: the namespace in which we run.
    package let name: String?

    /// The namespace in which we run.
    package static let current = NetworkNamespace(name: nil)

    /// Where names are bound.
    package static let directory = "/run/netns"

    /// How long a name may be, bytes.
    static let nameLengthMax = 64

    private init(name: String?) {
        self.name = name
    }

    /// The namespace of that name, whether it exists or not.
    ///
    /// `nil` when the name would not do: 1 to 64 letters, digits, `-`, `_` and `.`, no dot first. A
    /// path is absolute, without spaces, quotes and steps upwards.
    package init?(named name: String) {
        if name.hasPrefix("/") {
            let isPlain = name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") }
            guard isPlain, !name.contains("/..") else { return nil }
            self.init(name: name == OpenNamespace.own ? nil : name)
            return
        }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, (1...Self.nameLengthMax).contains(name.utf8.count), name.first != "."
        else { return nil }
        self.init(name: name)
    }

    package var description: String {
        name.map { "the network namespace \($0)" } ?? "our network namespace"
    }

    /// Whether it has a name below `/run/netns`, so that it can be made and removed.
    var isNamed: Bool { name.map { !$0.hasPrefix("/") } ?? false }

    /// Whether it is there.
    package var exists: Bool { name.map { SystemFiles.exists(Self.path(of: $0)) } ?? true }

    /// Every namespace with a name, in the order of the names.
    package static func allNamed() -> [NetworkNamespace] {
        guard SystemFiles.exists(directory), let names = try? SystemFiles.list(directory) else {
            return []
        }
        return names.sorted().compactMap { NetworkNamespace(named: $0) }
    }

    /// Every namespace that has a name or a process: by its name if it has one, else by a path.
    package static func all() -> [NetworkNamespace] {
        OpenNamespace.all().sorted { $0.name < $1.name }.compactMap { NetworkNamespace(opened: $0) }
    }

    /// The namespace that was opened, by its name or path; `nil` when the path would not do.
    package init?(opened: OpenNamespace) {
        let (path, prefix) = (opened.name, "\(Self.directory)/")
        self.init(named: path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path)
    }

    /// Does something in the namespace; whatever socket it opens stays there for good.
    ///
    /// The *thread* is in the namespace meanwhile, hence no `await` inside. Traps when the way back
    /// is barred, which the kernel does to nobody who could enter.
    /// Throws `SystemError` (ENOENT: no such namespace, EPERM), and whatever the body throws.
    package func perform<Value>(_ body: () throws -> Value) throws -> Value {
        guard let inside = try open() else { return try body() }
        defer { close(inside) }
        let home = try Self.openPath(Self.threadPath, self)
        defer { close(home) }
        _ = try SystemError.check(
            clinux_enter_network(inside),
            call: "entering",
            object: description
        )
        defer {
            let back = clinux_enter_network(home)
            precondition(back == 0, "the thread must come back to its namespace: errno \(-back)")
        }
        return try body()
    }

    /// A descriptor of the namespace, the caller's to close; `nil` for the one in which we run.
    func open() throws(SystemError) -> Int32? {
        guard let name else { return nil }
        return try Self.openPath(Self.path(of: name), self)
    }

    static func openPath(_ path: String, _ place: NetworkNamespace) throws(SystemError) -> Int32 {
        try SystemError.check(
            unsafe clinux_open_path(path),
            call: "opening",
            object: "\(place) (\(path))"
        )
    }

    static func path(of name: String) -> String {
        name.hasPrefix("/") ? name : "\(directory)/\(name)"
    }

    /// The namespace of the calling thread.
    static let threadPath = "/proc/thread-self/ns/net"
}
