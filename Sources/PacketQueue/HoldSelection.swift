import JSON
package import LinuxSystem
package import NFTables

/// Which packets are held, and where.
package struct HoldSelection: Sendable, Hashable {
    /// Whether packets are held as they arrive, which costs the sender nothing, or as they leave,
    /// where what is held counts against the sender's own queue.
    package enum Direction: String, Sendable { case incoming, outgoing }

    package var namespace: NetworkNamespace
    package var interface: String
    package var direction = Direction.incoming
    /// At the other end; none are all.
    package var peers: [NetworkAddress] = []
    /// At either end, TCP or UDP; none are all packets.
    package var ports: [UInt16] = []

    /// Traps when the interface's name could not be one.
    package init(namespace: NetworkNamespace, interface: String) {
        precondition(HookedChain.isInterfaceName(interface), "the name of an interface")
        self.namespace = namespace
        self.interface = interface
    }

    var json: JSONObject {
        var object: JSONObject = [
            "interface": .string(interface),
            "direction": .string(direction.rawValue),
            "peers": .array(peers.map { .string($0.text) }),
            "ports": .array(ports.map { .integer(Int64($0)) }),
        ]
        object["namespace"] = namespace.name.map { .string($0) }
        return object
    }

    init(_ json: JSONValue) throws(PacketQueueError) {
        let name = json["namespace"]?.stringValue
        guard let namespace = name.map({ NetworkNamespace(named: $0) }) ?? .current,
            let interface = json["interface"]?.stringValue,
            HookedChain.isInterfaceName(interface)
        else {
            throw PacketQueueError(
                "the options name no interface — chaos packet-queue. It is started by a fault, not"
                    + " by hand."
            )
        }
        self.init(namespace: namespace, interface: interface)
        direction = json["direction"]?.stringValue.flatMap(Direction.init(rawValue:)) ?? .incoming
        peers = (json["peers"]?.arrayValue ?? []).compactMap {
            $0.stringValue.flatMap { NetworkAddress($0) }
        }
        ports = (json["ports"]?.arrayValue ?? []).compactMap {
            $0.integerValue.flatMap { UInt16(exactly: $0) }
        }
    }
}
