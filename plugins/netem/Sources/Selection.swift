import JSON
import Netlink

/// Which packets are hit, and which never.
struct Selection: Sendable, Hashable {
    var peers: [AddressRange] = []
    var ports: [UInt16] = []
    var transport: PacketMatch.Transport?
    var sparedPorts: [UInt16] = []

    /// The most filters that one direction may need.
    static let filtersMax = 1_000

    /// Whether everything that passes the interface is hit.
    var isEverything: Bool { peers.isEmpty && ports.isEmpty && transport == nil }

    /// Reads `ports`, `protocol` and `spare-ports`; the peer is the other end of a link.
    ///
    /// - Throws: `NetemError` as of `init(_:)`, and when `peers` are named too.
    init(_ arguments: JSONObject, peer: String) throws {
        guard try Self.list("peers", arguments).isEmpty else {
            throw NetemError("a link has one peer — peers. Leave them out, or name an interface.")
        }
        var arguments = arguments
        arguments["peers"] = [.string(peer)]
        try self.init(arguments)
    }

    /// Reads `peers`, `ports`, `protocol` and `spare-ports`.
    ///
    /// - Throws: `NetemError` when one of them holds something else, or when they contradict.
    init(_ arguments: JSONObject) throws {
        peers = try Self.list("peers", arguments).map { value in
            guard let range = value.stringValue.flatMap({ AddressRange($0) }) else {
                throw NetemError(
                    "\(value.serialized()) is no address — peers. Write an IPv4 or IPv6 address"
                        + " or network, such as \"10.0.0.0/8\"."
                )
            }
            return range
        }
        ports = try Self.ports("ports", arguments)
        let named = Set(ports)
        sparedPorts = try Self.ports("spare-ports", arguments).filter { !named.contains($0) }
        switch arguments["protocol"]?.stringValue {
        case "tcp": transport = .tcp
        case "udp": transport = .udp
        case "icmp": transport = .icmp
        default: break
        }
        if transport == .icmp, !ports.isEmpty {
            throw NetemError("icmp has no ports — arguments. Leave out ports, or use tcp or udp.")
        }
        let count = max(hits(.egress).count, spares().count)
        guard count <= Self.filtersMax else {
            throw NetemError(
                "\(count) filters are too many — peers × ports. Use networks instead of single"
                    + " addresses, at most \(Self.filtersMax) combinations."
            )
        }
    }

    /// What direction a packet takes at the interface.
    enum Direction: String, Sendable, CaseIterable {
        case egress, ingress

        /// The same packets, as the interface at the other end of the cable sees them.
        var opposite: Direction { self == .egress ? .ingress : .egress }

        /// Reads `direction`.
        static func all(_ arguments: JSONObject) -> [Direction] {
            switch arguments["direction"]?.stringValue {
            case "ingress": [.ingress]
            case "both": [.egress, .ingress]
            default: [.egress]
            }
        }
    }

    /// The filters whose packets are hit.
    func hits(_ direction: Direction) -> [PacketMatch] {
        networks.flatMap { network -> [PacketMatch] in
            let bare = PacketMatch(network)
            let transports = transports(network)
            let layered = transports.isEmpty ? [bare] : transports.map { bare.with($0) }
            let ported = ports.isEmpty ? layered : layered.flatMap { Self.both($0, ports) }
            let ranges = peers.filter { $0.isIPv6 == (network == .ipv6) }
            guard !ranges.isEmpty else { return ported }
            return ported.flatMap { match in
                ranges.map { range in
                    var match = match
                    if direction == .egress { match.destination = range }
                    if direction == .ingress { match.source = range }
                    return match
                }
            }
        }
    }

    /// The filters whose packets are never hit: spared ports, and how IPv6 neighbours find each
    /// other.
    func spares() -> [PacketMatch] {
        networks.flatMap { network -> [PacketMatch] in
            let bare = PacketMatch(network)
            var spares = [PacketMatch.Transport.tcp, .udp].flatMap {
                Self.both(bare.with($0), sparedPorts)
            }
            if network == .ipv6 {
                spares += Self.neighbourTypes.map { type in
                    var match = bare.with(.icmpv6)
                    match.icmpType = type
                    return match
                }
            }
            return spares
        }
    }

    /// Router and neighbour solicitation and advertisement, and redirect (RFC 4861).
    private static let neighbourTypes: ClosedRange<UInt8> = 133...137

    /// The network protocols that the peers are of; both without peers.
    private var networks: [PacketMatch.Network] {
        [.ipv4, .ipv6].filter { network in
            peers.isEmpty || peers.contains { $0.isIPv6 == (network == .ipv6) }
        }
    }

    private func transports(_ network: PacketMatch.Network) -> [PacketMatch.Transport] {
        switch transport {
        case .icmp?: [network == .ipv6 ? .icmpv6 : .icmp]
        case let transport?: [transport]
        case nil: ports.isEmpty ? [] : [.tcp, .udp]
        }
    }

    /// Traffic from the ports and traffic to them.
    private static func both(_ match: PacketMatch, _ ports: [UInt16]) -> [PacketMatch] {
        ports.flatMap { port -> [PacketMatch] in
            var (from, to) = (match, match)
            from.sourcePort = port
            to.destinationPort = port
            return [from, to]
        }
    }

    private static func list(_ name: String, _ arguments: JSONObject) throws -> [JSONValue] {
        arguments[name]?.arrayValue ?? []
    }

    private static func ports(_ name: String, _ arguments: JSONObject) throws -> [UInt16] {
        try list(name, arguments).map { value in
            guard let port = value.integerValue.flatMap({ UInt16(exactly: $0) }), port > 0 else {
                throw NetemError(
                    "\(value.serialized()) is no port — \(name). Write numbers from 1 to 65535,"
                        + " such as [5432]."
                )
            }
            return port
        }
    }
}

extension PacketMatch {
    fileprivate func with(_ transport: Transport) -> PacketMatch {
        var match = self
        match.transport = transport
        return match
    }
}
