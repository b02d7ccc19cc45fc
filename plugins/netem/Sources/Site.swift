import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import Netlink

/// An interface in a network namespace, and a netlink socket there.
struct Site {
    let interface: Link
    /// As the target names it; `nil`: the namespace that we are in.
    let namespace: String?
    let identity: OpenNamespace.Identity
    let socket: RouteSocket
    /// The same namespace, as nf_tables is told of it.
    var place = NetworkNamespace.current

    /// Finds an interface by its name; changes nothing.
    ///
    /// - Throws: `NetemError` when it is not there.
    static func find(_ name: String, in namespace: String?) throws -> Site {
        let opened = try OpenNamespace(named: namespace)
        let socket = try RouteSocket.open(in: opened)
        let links = try socket.links()
        guard let interface = links.first(where: { $0.name == name }) else {
            let known = links.map(\.name).joined(separator: ", ")
            let spot = namespace.map { "the namespace \($0)" } ?? "this host"
            throw NetemError(
                "there is no interface \(name) — \(spot). Use one of those that are there:"
                    + " \(known)."
            )
        }
        return Site(
            interface: interface,
            namespace: namespace,
            identity: opened.identity,
            socket: socket,
            place: try place(opened)
        )
    }

    /// Finds the interface of an undo record; `nil` when it or its namespace is gone, and the fault
    /// with it.
    ///
    /// - Throws: `NetemError` when the record is not one of ours; `SystemError`, `NetlinkError`.
    static func find(_ undo: UndoRecord) throws -> Site? {
        let record = try SiteRecord(undo)
        guard let opened = try open(record.namespace, record.identity) else { return nil }
        let socket = try RouteSocket.open(in: opened)
        // A name may have been given to another interface meanwhile; an index is not given twice.
        guard let interface = try socket.links().first(where: { $0.index == record.index }) else {
            return nil
        }
        return Site(
            interface: interface,
            namespace: record.namespace,
            identity: record.identity,
            socket: socket,
            place: try place(opened)
        )
    }

    private static func place(_ opened: OpenNamespace) throws -> NetworkNamespace {
        guard let place = NetworkNamespace(opened: opened) else {
            throw NetemError(
                "the namespace has a name that will not do — \(opened.name). Use letters, digits,"
                    + " dots, hyphens and underscores."
            )
        }
        return place
    }

    /// Opens the very namespace: by its name, or else by looking for it among all that are in use.
    private static func open(
        _ name: String?,
        _ identity: OpenNamespace.Identity
    ) throws -> OpenNamespace? {
        if let found = try? OpenNamespace(named: name), found.identity == identity { return found }
        return OpenNamespace.all().first { $0.identity == identity }
    }
}

/// The part of an undo record that says where.
struct SiteRecord {
    var namespace: String?
    var identity: OpenNamespace.Identity
    var interface: String
    var index: Int32

    init(_ site: Site) {
        namespace = site.namespace
        identity = site.identity
        interface = site.interface.name
        index = site.interface.index
    }

    /// - Throws: `NetemError` when the record is not one of ours.
    init(_ undo: UndoRecord) throws {
        let state = undo.state
        guard let device = state["namespace-device"]?.integerValue,
            let inode = state["namespace-inode"]?.integerValue,
            let interface = state["interface"]?.stringValue,
            let index = state["index"]?.integerValue.flatMap({ Int32(exactly: $0) })
        else {
            throw NetemError(
                "the undo record names no interface — netem \(undo.function) on \(undo.target)."
                    + " Look for disciplines of ours (tc qdisc | grep c4a5) and remove them by"
                    + " hand."
            )
        }
        namespace = state["namespace"]?.stringValue
        identity = OpenNamespace.Identity(
            device: UInt64(bitPattern: device),
            inode: UInt64(bitPattern: inode)
        )
        self.interface = interface
        self.index = index
    }

    func write(to state: inout JSONObject) {
        state["namespace"] = namespace.map { .string($0) }
        state["namespace-device"] = .integer(Int64(bitPattern: identity.device))
        state["namespace-inode"] = .integer(Int64(bitPattern: identity.inode))
        state["interface"] = .string(interface)
        state["index"] = .integer(Int64(index))
    }

    var target: String { namespace.map { "\(interface)@\($0)" } ?? interface }
}
