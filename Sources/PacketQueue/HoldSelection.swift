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
    package enum Transport: String, Sendable { case tcp, udp, icmp }

    /// At the other end; none are all.
    ///
    /// They must not overlap.
    package var peers: [NetworkRange] = []
    /// At either end, TCP or UDP; none are all packets.
    package var ports: [UInt16] = []
    /// Only packets of this protocol; `nil`: of every one.
    package var transport: Transport?
    /// TCP and UDP ports, at either end, that are never hit.
    package var sparedPorts: [UInt16] = [22]

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
            "peers": .array(peers.map { .string($0.description) }),
            "ports": .array(ports.map { .integer(Int64($0)) }),
            "spared-ports": .array(sparedPorts.map { .integer(Int64($0)) }),
        ]
        object["protocol"] = transport.map { .string($0.rawValue) }
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
            $0.stringValue.flatMap { NetworkRange($0) }
        }
        ports = Self.ports(json["ports"])
        sparedPorts = Self.ports(json["spared-ports"])
        transport = json["protocol"]?.stringValue.flatMap(Transport.init(rawValue:))
    }

    private static func ports(_ json: JSONValue?) -> [UInt16] {
        (json?.arrayValue ?? []).compactMap { $0.integerValue.flatMap { UInt16(exactly: $0) } }
    }
}
