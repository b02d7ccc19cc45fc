import ChaosModel
import ChaosPluginAPI
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
        try protect(context, peers, filter)
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
        _ context: StepContext,
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
        let isAllowed = context.arguments["allow-host"]?.boolValue ?? false
        if peers.isEmpty {
            guard !filter.ports.isEmpty else {
                throw PartitionError(
                    "everything of everybody cannot be cut — peers. Name peers or ports."
                )
            }
            guard isAllowed else {
                throw PartitionError(
                    "without peers everybody is hit — peers. Name peers, or set allow-host to true."
                )
            }
        }
        guard !isAllowed, let api = context.system?.proxyAPI.flatMap(Place.init(url:)) else {
            return
        }
        if peers.contains(where: { $0.text == api.host }),
            filter.ports.isEmpty || filter.ports.contains(api.port)
        {
            throw PartitionError(
                "the proxy's control API listens there — peers: \(api.host):\(api.port). Name the"
                    + " ports that you mean, or set allow-host to true."
            )
        }
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

    /// Host and port of a URL.
    private struct Place {
        var host: String
        var port: UInt16

        init?(url: String) {
            guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else {
                return nil
            }
            let authority = url.dropFirst(scheme.count).prefix { $0 != "/" }
            guard let colon = authority.lastIndex(of: ":"),
                let port = UInt16(authority[authority.index(after: colon)...])
            else { return nil }
            host = String(authority[..<colon])
            self.port = port
        }
    }
}
