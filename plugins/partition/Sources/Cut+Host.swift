import ChaosModel
import ChaosPluginAPI
import ChaosTargets
import JSON
import LinuxSystem
import NFTables

extension Cut {
    /// How many peers one cut may name.
    static let peersMax = 64

    /// `host`: a host and its peers.
    static func host(_ context: StepContext, _ filter: PacketFilter) throws -> (Cut, String) {
        let arguments = context.arguments
        let namespace = try namespace(arguments["namespace"]?.stringValue)
        let peers = try arguments.names("peers").map { text in
            guard let address = NetworkAddress(text) else {
                throw PartitionError(
                    "\"\(text)\" is no address — peers. Use IPv4 or IPv6 addresses; names are not"
                        + " looked up, so that the plan says what is hit."
                )
            }
            return address
        }
        try protect(peers, filter)
        let direction = arguments["direction"]?.stringValue ?? "both"
        guard filter.verdict != .reset || direction == "in" else {
            throw PartitionError(
                "a reset answers what comes in — direction. Use \"in\" with reject."
            )
        }
        let named = arguments["interface"]?.stringValue
        let interfaces =
            direction == "in" ? [] : try outward(of: namespace, named: named)
        let cut = Cut(
            namespace: namespace,
            reach: .host(
                peers: peers,
                isIncoming: direction != "out",
                interfaces: interfaces
            ),
            filter: filter
        )
        let whom = peers.isEmpty ? "everybody" : peers.map(\.text).joined(separator: ", ")
        return (cut, "\(namespace.name ?? "this host") (\(direction)) from \(whom)")
    }

    /// Our own branch: what would cut the runner off from what it must reach.
    private static func protect(
        _ peers: [NetworkAddress],
        _ filter: PacketFilter
    ) throws {
        guard peers.count <= peersMax else {
            throw PartitionError(
                "\(peers.count) peers are too many — peers. Name at most \(peersMax)."
            )
        }
        if let own = peers.first(where: \.isLoopback) {
            throw PartitionError(
                "\(own) is this host itself, where control sockets and observers talk — peers. Name"
                    + " other hosts; to hit local links use the plugin toxic."
            )
        }
        if filter.ports.contains(22) {
            throw PartitionError(
                "port 22 is spared, so that you can still reach this host by ssh — ports. Leave it"
                    + " out."
            )
        }
        guard !peers.isEmpty || !filter.ports.isEmpty else {
            throw PartitionError(
                "everything of everybody cannot be cut — peers. Name peers or ports."
            )
        }
    }

    /// Why a cut between this host and its peers would hit more than them; `nil`: it would not.
    static func hostReach(_ context: StepContext) throws -> String? {
        let (cut, _) = try host(context, try PacketFilter(context.arguments))
        guard case .host(let peers, _, _) = cut.reach,
            try OpenNamespace(named: cut.namespace.name).identity
                == OpenNamespace(named: nil).identity
        else { return nil }
        let ports = cut.filter.ports
        if peers.isEmpty {
            let list = ports.map(String.init).joined(separator: ", ")
            return "everybody is cut from port \(list) of this host. Name peers to hit less"
        }
        let struck = ControlChannel.all(context.system).struck(ports: ports) { address in
            peers.contains { $0 == NetworkAddress(address) }
        }
        guard !struck.isEmpty else { return nil }
        return "it strikes " + struck.map(\.name).joined(separator: ", ")
    }

    private static func namespace(_ name: String?) throws -> NetworkNamespace {
        guard let name else { return .current }
        guard let namespace = NetworkNamespace(named: name), namespace.exists else {
            throw PartitionError(
                "there is no network namespace \"\(name)\" — namespace. "
                    + "See those that are: ip netns list."
            )
        }
        return namespace
    }

    /// The interfaces by which packets leave.
    private static func outward(
        of namespace: NetworkNamespace,
        named: String?
    ) throws -> [String] {
        let all = try namespace.interfaces().filter { $0 != "lo" }
        guard let named else {
            guard !all.isEmpty else {
                throw PartitionError(
                    "there is no interface but loopback — \(namespace). Hit another namespace."
                )
            }
            return all
        }
        guard all.contains(named) else {
            throw PartitionError(
                "there is no interface \"\(named)\" — \(namespace). Use one of"
                    + " \(all.joined(separator: ", "))."
            )
        }
        return [named]
    }
}
