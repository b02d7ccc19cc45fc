import ChaosModel
import ChaosPluginAPI
import JSON
import LinuxSystem
import NFTables

extension Cut {
    /// `link`: the two services of a link, in one direction or both.
    static func link(_ context: StepContext, _ filter: PacketFilter) throws -> (Cut, String) {
        guard case .link(let name)? = context.target else {
            throw PartitionError("there is no link to cut — target. Write {\"link\": \"a->b\"}.")
        }
        let network = try ServiceNetwork(context)
        let ends = try network.ends(ofLink: name)
        let forward = [Pair(source: ends.source.address, target: ends.target.address)]
        let backward = [Pair(source: ends.target.address, target: ends.source.address)]
        let direction = context.arguments["direction"]?.stringValue ?? "both"
        let isForward = direction != "backward"
        let isBackward = direction != "forward"
        guard filter.verdict == .reset else {
            let cut = Cut(
                namespace: network.switchboard,
                reach: .bridge(
                    forward: isForward ? forward : [],
                    backward: isBackward ? backward : []
                ),
                filter: filter
            )
            return (cut, "\(name) (\(direction))")
        }
        guard isForward != isBackward else {
            throw PartitionError(
                "a reset answers one direction — direction. Use forward or backward with reject."
            )
        }
        let cut = Cut(
            namespace: isForward ? ends.target.namespace : ends.source.namespace,
            reach: .arrival(
                forward: isForward ? forward : [],
                backward: isBackward ? backward : []
            ),
            filter: filter
        )
        return (cut, "\(name) (\(direction))")
    }

    /// `isolate`: a service loses the others, or they lose it.
    static func isolating(_ context: StepContext, _ filter: PacketFilter) throws -> (Cut, String) {
        guard case .service(let name)? = context.target else {
            throw PartitionError(
                "there is no service to isolate — target. Write {\"service\": \"orders\"}."
            )
        }
        let network = try ServiceNetwork(context)
        let service = try network.host(name)
        let named = try context.arguments.names("from")
        let others =
            named.isEmpty
            ? network.hosts.filter { $0.name != name } : try named.map { try network.host($0) }
        guard !others.isEmpty, !others.contains(where: { $0.name == name }) else {
            throw PartitionError(
                "\(name) cannot be isolated from itself or from nobody — from. Name other services."
            )
        }
        let direction = context.arguments["direction"]?.stringValue ?? "both"
        let incoming = others.map { Pair(source: $0.address, target: service.address) }
        let outgoing = others.map { Pair(source: service.address, target: $0.address) }
        let cut = Cut(
            namespace: network.switchboard,
            reach: .bridge(
                forward: direction == "out" ? [] : incoming,
                backward: direction == "in" ? [] : outgoing
            ),
            filter: filter
        )
        let from = named.isEmpty ? "all others" : named.joined(separator: ", ")
        return (cut, "\(name) (\(direction)) from \(from)")
    }

    /// `groups`: services in different groups do not hear each other.
    static func groups(_ context: StepContext, _ filter: PacketFilter) throws -> (Cut, String) {
        let network = try ServiceNetwork(context)
        let arguments = context.arguments
        let groups = try (arguments["groups"]?.arrayValue ?? []).map { value in
            let names = (value.arrayValue ?? []).compactMap(\.stringValue)
            guard !names.isEmpty, names.count == value.arrayValue?.count else {
                throw PartitionError(
                    "\(value.serialized()) is no group — groups. Write [[\"orders\"],"
                        + " [\"payments\", \"inventory\"]]."
                )
            }
            return names
        }
        let shape = arguments["shape"]?.stringValue.flatMap(Division.Shape.init(rawValue:))
        guard groups.isEmpty != (shape == nil) else {
            throw PartitionError(
                "a partition takes groups or a shape — arguments. Give one of the two."
            )
        }
        let named = try arguments.names("services")
        let division: Division
        if let shape {
            let services = named.isEmpty ? network.hosts.map(\.name) : named
            division = try Division(shape, of: services, seed: context.seed)
        } else {
            division = try Division(groups: groups)
        }
        let pairs = try division.deaf.map { source, target in
            Pair(
                source: try network.host(source).address,
                target: try network.host(target).address
            )
        }
        let cut = Cut(
            namespace: network.switchboard,
            reach: .bridge(forward: pairs, backward: []),
            filter: filter
        )
        return (cut, division.description)
    }
}

/// The services of a system as hosts of its network.
struct ServiceNetwork: Sendable {
    struct Host: Sendable, Hashable {
        var name: String
        var namespace: NetworkNamespace
        var address: NetworkAddress
    }

    let switchboard: NetworkNamespace
    let hosts: [Host]

    /// - Throws: `PartitionError` when the system has no network of its own.
    init(_ context: StepContext) throws {
        guard let system = context.system,
            let name = system.network?.switchNamespace,
            let switchboard = NetworkNamespace(named: name)
        else {
            throw PartitionError(
                "the system has no network of its own — system. Start the shop with one (chaos shop"
                    + " up --topology netns, as root), or cut this host: partition host."
            )
        }
        self.switchboard = switchboard
        hosts = system.services.compactMap { service in
            guard let namespace = service.namespace.flatMap({ NetworkNamespace(named: $0) }),
                let address = service.address.flatMap({ NetworkAddress($0) }), !address.isVersion6
            else { return nil }
            return Host(name: service.name, namespace: namespace, address: address)
        }
    }

    func host(_ name: String) throws -> Host {
        guard let host = hosts.first(where: { $0.name == name }) else {
            throw PartitionError(
                "\(name) is no host of the system's network — system. Use one of"
                    + " \(hosts.map(\.name).joined(separator: ", "))."
            )
        }
        return host
    }

    /// The services at both ends of `orders->payments`.
    func ends(ofLink name: String) throws -> (source: Host, target: Host) {
        // "->" cannot stand in a service's name.
        let parts = name.split(separator: ">", maxSplits: 1).map { String($0) }
        guard parts.count == 2, parts[0].hasSuffix("-"),
            let source = try? host(String(parts[0].dropLast())), let target = try? host(parts[1])
        else {
            throw PartitionError(
                "\(name) does not join two hosts of the system's network — target. Use a link"
                    + " between two of \(hosts.map(\.name).joined(separator: ", ")); for a link to"
                    + " a database use the plugin toxic."
            )
        }
        return (source, target)
    }
}

extension JSONObject {
    /// An argument that is a list of names.
    func names(_ argument: String) throws -> [String] {
        let values = self[argument]?.arrayValue ?? []
        let names = values.compactMap(\.stringValue)
        guard names.count == values.count, Set(names).count == names.count else {
            throw PartitionError(
                "\(argument) is no list of different names — \(argument). Write [\"orders\"]."
            )
        }
        return names
    }
}
