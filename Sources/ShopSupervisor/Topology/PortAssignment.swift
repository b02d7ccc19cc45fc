import ShopCore

/// Which TCP port everything but the clusters listens on; on 127.0.0.1 unless there is a network.
struct PortAssignment: Hashable, Sendable {
    /// Who needs the ports.
    let fleet: ShopFleet
    /// The proxy's control API.
    let api: UInt16
    let services: [ShopInstance: UInt16]
    let links: [String: UInt16]
    /// The shop's own network; `nil`: everything is on loopback.
    let network: ShopNetwork?

    /// How many different ports an assignment takes.
    static func count(_ fleet: ShopFleet) -> Int { 1 + fleet.instances.count + fleet.links.count }

    /// Deals out ports in a fixed order; traps when there are not `count` different ones.
    init(_ ports: [UInt16], fleet: ShopFleet = ShopFleet(), network: ShopNetwork? = nil) {
        self.fleet = fleet
        self.network = network
        let count = Self.count(fleet)
        precondition(
            ports.count == count && Set(ports).count == count,
            "\(count) different ports"
        )
        var rest = ports[...]
        api = rest.removeFirst()
        var services: [ShopInstance: UInt16] = [:]
        for instance in fleet.instances { services[instance] = rest.removeFirst() }
        var links: [String: UInt16] = [:]
        for link in fleet.links { links[link.name] = rest.removeFirst() }
        self.services = services
        self.links = links
    }

    /// The address of an instance's own listener, behind the proxy.
    func address(of instance: ShopInstance) -> String {
        "\(network?.address(of: instance) ?? "127.0.0.1"):\(services[instance] ?? 0)"
    }

    /// The address by which a link is reached: the proxy's, or the far end's own on a wire.
    func address(of link: ShopTopology.Link) -> String {
        switch link.target {
        case .service(let instance) where isWire(link): address(of: instance)
        case .service: "127.0.0.1:\(links[link.name] ?? 0)"
        case .database, .rabbit: "\(databaseHost):\(links[link.name] ?? 0)"
        }
    }

    /// Whether packets go from service to service, with no proxy between.
    func isWire(_ link: ShopTopology.Link) -> Bool {
        guard case .service = link.target else { return false }
        return network != nil && link.source != nil
    }

    /// Where services find the proxy that carries their databases.
    var databaseHost: String { network?.hostAddress ?? "127.0.0.1" }

    /// The port where the proxy carries an instance's way to a database.
    func port(from instance: ShopInstance, to database: ShopDatabase) -> UInt16 {
        links[ShopTopology.Link(source: instance, target: .database(database)).name] ?? 0
    }

    /// The base URL by which an instance, or a client, reaches another.
    func url(from source: ShopInstance?, to instance: ShopInstance) -> String {
        "http://" + address(of: ShopTopology.Link(source: source, target: .service(instance)))
    }
}
