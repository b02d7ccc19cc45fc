import ShopCore

/// Which TCP port on 127.0.0.1 everything but the clusters listens on.
struct PortAssignment: Hashable, Sendable {
    /// The proxy's control API.
    let api: UInt16
    let services: [ShopRole: UInt16]
    let links: [String: UInt16]

    /// How many different ports an assignment takes.
    static let count = 1 + ShopRole.allCases.count + ShopTopology.links.count

    /// Deals out ports in a fixed order; traps when there are not `count` different ones.
    init(_ ports: [UInt16]) {
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
    func address(of role: ShopRole) -> String { "127.0.0.1:\(services[role] ?? 0)" }

    /// The address where the proxy carries a link.
    func address(of link: ShopTopology.Link) -> String { "127.0.0.1:\(links[link.name] ?? 0)" }

    /// The port where the proxy carries a role's database.
    func databasePort(of role: ShopRole) -> UInt16 {
        links[ShopTopology.Link(source: role, target: .database(role)).name] ?? 0
    }

    /// The base URL by which a role reaches its peer.
    func url(from role: ShopRole?, to peer: ShopRole) -> String {
        "http://" + address(of: ShopTopology.Link(source: role, target: .service(peer)))
    }
}
