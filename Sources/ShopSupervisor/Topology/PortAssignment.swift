import ShopCore

/// Which TCP port everything but the clusters listens on; on 127.0.0.1 unless there is a network.
struct PortAssignment: Hashable, Sendable {
    /// The proxy's control API.
    let api: UInt16
    let services: [ShopRole: UInt16]
    let links: [String: UInt16]
    /// The shop's own network; `nil`: everything is on loopback.
    let network: ShopNetwork?

    /// How many different ports an assignment takes.
    static let count = 1 + ShopRole.allCases.count + ShopTopology.links.count

    /// Deals out ports in a fixed order; traps when there are not `count` different ones.
    init(_ ports: [UInt16], network: ShopNetwork? = nil) {
        self.network = network
        precondition(
            ports.count == Self.count && Set(ports).count == Self.count,
            "\(Self.count) different ports"
        )
        var rest = ports[...]
        api = rest.removeFirst()
        var services: [ShopRole: UInt16] = [:]
        for role in ShopRole.allCases { services[role] = rest.removeFirst() }
        var links: [String: UInt16] = [:]
        for link in ShopTopology.links { links[link.name] = rest.removeFirst() }
        self.services = services
        self.links = links
    }

    /// The address of a role's own listener, behind the proxy.
    func address(of role: ShopRole) -> String {
        "\(network?.address(of: role) ?? "127.0.0.1"):\(services[role] ?? 0)"
    }

    /// The address by which a link is reached: the proxy's, or the far end's own on a wire.
    func address(of link: ShopTopology.Link) -> String {
        switch link.target {
        case .service(let role) where isWire(link): address(of: role)
        case .service: "127.0.0.1:\(links[link.name] ?? 0)"
        case .database: "\(databaseHost):\(links[link.name] ?? 0)"
        }
    }

    /// Whether packets go from service to service, with no proxy between.
    func isWire(_ link: ShopTopology.Link) -> Bool {
        guard case .service = link.target else { return false }
        return network != nil && link.source != nil
    }

    /// Where services find the proxy that carries their databases.
    var databaseHost: String { network?.hostAddress ?? "127.0.0.1" }

    /// The port where the proxy carries a role's database.
    func databasePort(of role: ShopRole) -> UInt16 {
        links[ShopTopology.Link(source: role, target: .database(role)).name] ?? 0
    }

    /// The base URL by which a role reaches its peer.
    func url(from role: ShopRole?, to peer: ShopRole) -> String {
        "http://" + address(of: ShopTopology.Link(source: role, target: .service(peer)))
    }
}
