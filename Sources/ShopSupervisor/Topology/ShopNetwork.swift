import LinuxSystem
import ShopCore

/// The network of one shop, as names and addresses; nothing is touched here.
///
/// ```
/// chaos-shop-4711-orders    (10.213.7.12, eth0) ─┐
/// chaos-shop-4711-payments  (10.213.7.14, eth0) ─┼─ br0 in chaos-shop-4711-switch ─┐
/// …                                             ─┘                                │
///                                                   chaos7 (10.213.7.1) here ─────┘
/// ```
///
/// Links between services are wires: packets go from one host to the other, and can be cut, lost
/// and delayed at the switch. The links to the databases and the clients' link pass the proxy,
/// which runs in our own namespace, as the databases and the observers do.
struct ShopNetwork: Hashable, Sendable {
    /// The bridge in the switch's namespace.
    static let bridge = "br0"
    /// The interface of each service.
    static let interface = "eth0"
    /// How many networks a machine may have.
    static let networksMax = 200
    /// The address of the first service in its network.
    private static let firstHost = 11

    /// Begins the name of every namespace: `chaos-shop-4711`.
    let prefix: String
    /// The third byte of every address.
    let number: Int
    /// Who lives in it.
    var fleet = ShopFleet()

    /// The names for a supervisor, which no other living one has.
    static func prefix(supervisor pid: Int32) -> String { "chaos-shop-\(pid)" }

    /// The namespace with the bridge.
    var switchboard: NetworkNamespace { Self.namespace(prefix, "switch") }

    /// The interface by which this host is joined, and its address.
    var hostInterface: String { "chaos\(number)" }
    var hostAddress: String { "10.213.\(number).1" }

    func namespace(of instance: ShopInstance) -> NetworkNamespace {
        Self.namespace(prefix, instance.name)
    }

    func address(of instance: ShopInstance) -> String {
        let index = fleet.instances.firstIndex(of: instance) ?? 0
        return "10.213.\(number).\(Self.firstHost + index)"
    }

    /// Removes every namespace of a prefix, and with them every interface; those that are gone are
    /// fine.
    ///
    /// Throws the first failure after all were tried.
    static func remove(prefix: String) throws {
        var failure: (any Error)?
        for namespace in NetworkNamespace.allNamed()
        where namespace.name?.hasPrefix(prefix + "-") == true {
            do { try namespace.remove() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    /// Whether a record's prefix is one of ours: what a crash left is removed by it.
    static func isPrefix(_ text: String) -> Bool {
        text.hasPrefix("chaos-shop-") && Int32(text.dropFirst("chaos-shop-".count)) != nil
    }

    private static func namespace(_ prefix: String, _ suffix: String) -> NetworkNamespace {
        guard let namespace = NetworkNamespace(named: "\(prefix)-\(suffix)") else {
            preconditionFailure("a prefix of ours is a plain name")
        }
        return namespace
    }
}
