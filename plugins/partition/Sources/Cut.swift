import ChaosPluginAPI
import JSON
import LinuxSystem
import NFTables

/// Which packets are hit, and where: resolved to addresses, ready to be written down; pure.
struct Cut: Sendable, Hashable {
    /// Packets from one address to another.
    struct Pair: Sendable, Hashable {
        var source: NetworkAddress
        var target: NetworkAddress
    }

    /// What the packets have in common.
    enum Reach: Sendable, Hashable {
        /// Between hosts of one switch, seen at its bridge. Forward packets go *to* the filter's
        /// ports, backward ones come *from* them.
        case bridge(forward: [Pair], backward: [Pair])
        /// Between two hosts, seen where they arrive: the only place where a reset can be sent.
        case arrival(forward: [Pair], backward: [Pair])
        /// Between one host and its peers; no peers are all. No interfaces: nothing that it sends.
        case host(peers: [NetworkAddress], isIncoming: Bool, interfaces: [String])
    }

    var namespace: NetworkNamespace
    var reach: Reach
    var filter: PacketFilter

    var verdict: Rule.Verdict { filter.verdict }

    /// The families of the tables that it takes.
    var families: [TableName.Family] {
        switch reach {
        case .bridge: [.bridge]
        case .arrival: [.inet]
        case .host(_, let isIncoming, let interfaces):
            (isIncoming ? [.inet] : []) + (interfaces.isEmpty ? [] : [.netdev])
        }
    }
}

extension Cut {
    /// The form in the undo record, beside the place.
    var json: JSONObject {
        var object = filter.json
        func list(_ pairs: [Pair]) -> JSONValue {
            .array(pairs.map { [.string($0.source.text), .string($0.target.text)] })
        }
        switch reach {
        case .bridge(let forward, let backward):
            object["reach"] = "bridge"
            object["forward"] = list(forward)
            object["backward"] = list(backward)
        case .arrival(let forward, let backward):
            object["reach"] = "arrival"
            object["forward"] = list(forward)
            object["backward"] = list(backward)
        case .host(let peers, let isIncoming, let interfaces):
            object["reach"] = "host"
            object["peers"] = .array(peers.map { .string($0.text) })
            object["incoming"] = .bool(isIncoming)
            object["interfaces"] = .array(interfaces.map { .string($0) })
        }
        return object
    }

    /// Reads what `json` wrote.
    ///
    /// - Throws: `PartitionError` when the record is not one of ours.
    init(_ undo: UndoRecord) throws {
        let state = undo.state
        func pairs(_ name: String) throws -> [Pair] {
            try (state[name]?.arrayValue ?? []).map { value in
                let texts = (value.arrayValue ?? []).compactMap(\.stringValue)
                let addresses = texts.compactMap { NetworkAddress($0) }
                guard addresses.count == 2 else { throw Self.unreadable(undo) }
                return Pair(source: addresses[0], target: addresses[1])
            }
        }
        filter = try PacketFilter(state)
        namespace = try CutPlace(undo).namespace
        switch state["reach"]?.stringValue {
        case "bridge":
            reach = .bridge(forward: try pairs("forward"), backward: try pairs("backward"))
        case "arrival":
            reach = .arrival(forward: try pairs("forward"), backward: try pairs("backward"))
        case "host":
            let texts = (state["peers"]?.arrayValue ?? []).compactMap(\.stringValue)
            let interfaces = (state["interfaces"]?.arrayValue ?? []).compactMap(\.stringValue)
            guard interfaces.allSatisfy(HookedChain.isInterfaceName) else {
                throw Self.unreadable(undo)
            }
            reach = .host(
                peers: texts.compactMap { NetworkAddress($0) },
                isIncoming: state["incoming"]?.boolValue ?? false,
                interfaces: interfaces
            )
        default: throw Self.unreadable(undo)
        }
    }

    private static func unreadable(_ undo: UndoRecord) -> PartitionError {
        PartitionError(
            "the undo record does not say what was cut — \(undo.function) on \(undo.target). It can"
                + " still be undone: chaos recover."
        )
    }
}
