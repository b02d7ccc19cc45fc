import LinuxSystem
import Netlink
import ShopCore

extension ShopNetwork {
    /// Makes the namespaces, the bridge and the wires of a network that nobody else has.
    ///
    /// Throws `ShopError`, `SystemError` or `NetlinkError`; what was made by then goes with
    /// `remove(prefix:)`, which the supervisor calls on every way out.
    static func build(prefix: String, fleet: ShopFleet = ShopFleet()) throws -> ShopNetwork {
        // Names of a supervisor that had our pid and was killed.
        try remove(prefix: prefix)
        let names = ShopNetwork(prefix: prefix, number: 0, fleet: fleet)
        for namespace in [names.switchboard] + fleet.instances.map(names.namespace(of:)) {
            try namespace.create()
            try switchOn("lo", in: try open(namespace))
        }
        let board = try open(names.switchboard)
        let socket = try RouteSocket.open(in: board)
        try socket.addLink(.bridge, name: bridge)
        let network = try names.joinHost(board, socket)
        for instance in fleet.instances { try network.join(instance, socket) }
        return network
    }

    /// Joins this host; the first number whose interface is free becomes the network's.
    private func joinHost(_ board: OpenNamespace, _ switchSocket: RouteSocket) throws
        -> ShopNetwork
    {
        let port = "host"
        let socket = try RouteSocket()
        for number in 0..<Self.networksMax {
            let network = ShopNetwork(prefix: prefix, number: number, fleet: fleet)
            do {
                try board.withDescriptor { descriptor in
                    try socket.addLink(
                        .veth(peer: port, namespace: descriptor),
                        name: network.hostInterface,
                        isUp: false
                    )
                }
            } catch let error as NetlinkError where error.code == .exists {
                continue
            }
            try Self.attach(port, to: switchSocket)
            try Self.give(network.hostAddress, to: network.hostInterface, socket)
            return network
        }
        throw ShopError(
            .start,
            "\(Self.networksMax) networks are in use — 10.213.0.0/16. Stop shops that you do not"
                + " need: chaos shop down."
        )
    }

    /// Joins the namespace of an instance.
    private func join(_ instance: ShopInstance, _ switchSocket: RouteSocket) throws {
        let host = try Self.open(namespace(of: instance))
        try host.withDescriptor { descriptor in
            try switchSocket.addLink(
                .veth(peer: Self.interface, namespace: descriptor),
                name: instance.name,
                isUp: false
            )
        }
        try Self.attach(instance.name, to: switchSocket)
        try Self.give(address(of: instance), to: Self.interface, try RouteSocket.open(in: host))
    }

    private static func attach(_ port: String, to socket: RouteSocket) throws {
        let (index, master) = (try index(port, socket), try index(bridge, socket))
        try socket.join(index, toBridge: master)
        try socket.setLink(index, isUp: true)
    }

    private static func give(_ address: String, to name: String, _ socket: RouteSocket) throws {
        guard let range = AddressRange("\(address)/24") else {
            preconditionFailure("our own addresses are addresses")
        }
        let index = try index(name, socket)
        try socket.addAddress(range, to: index)
        try socket.setLink(index, isUp: true)
    }

    private static func switchOn(_ name: String, in namespace: OpenNamespace) throws {
        let socket = try RouteSocket.open(in: namespace)
        try socket.setLink(try index(name, socket), isUp: true)
    }

    private static func index(_ name: String, _ socket: RouteSocket) throws -> Int32 {
        guard let link = try socket.link(named: name) else {
            throw ShopError(
                .start,
                "the interface \(name) is gone again — network of the shop. Something else removes"
                    + " interfaces on this host; stop it."
            )
        }
        return link.index
    }

    private static func open(_ namespace: NetworkNamespace) throws -> OpenNamespace {
        try OpenNamespace(named: namespace.name)
    }
}
