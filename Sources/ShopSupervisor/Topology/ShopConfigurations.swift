import ChaosModel
import JSON
import LinuxSystem
import ShopCore

/// The configuration files and the description of a shop, computed from what is known of it.
struct ShopConfigurations {
    /// What must be known of a role's cluster.
    struct Database: Sendable {
        /// The port of the server itself.
        var port: UInt16
        /// A connection string for the service, through the proxy; holds the password.
        var service: String
        /// A connection string for observers, over the Unix socket.
        var observer: String
    }

    let name: String
    let places: ShopPlaces
    let ports: PortAssignment
    let databases: [ShopRole: Database]
    let mutants: [Mutant]

    /// The proxy's file: the array that Toxiproxy's `-config` reads, with each link's protocol.
    ///
    /// Wires are not in it.
    var proxy: JSONValue {
        .array(
            ShopTopology.links.filter { !ports.isWire($0) }.map { link in
                [
                    "name": .string(link.name),
                    "listen": .string(ports.address(of: link)),
                    "upstream": .string(upstream(of: link)),
                    "enabled": true,
                    "protocol": .string(link.wireProtocol.rawValue),
                ]
            }
        )
    }

    /// A service's file; only its owner may read it, for the password.
    func service(_ role: ShopRole) -> ShopServiceConfiguration {
        let peers = role.peers.map { ($0, ports.url(from: role, to: $0)) }
        return ShopServiceConfiguration(
            role: role,
            listen: ports.address(of: role),
            database: databases[role]?.service ?? "",
            peers: Dictionary(uniqueKeysWithValues: peers),
            mutants: mutants,
            log: places.log(role.rawValue)
        )
    }

    /// The running shop as `system.json` tells it.
    func description(pids: [String: Int32]) -> SystemDescription {
        var system = ShopTopology.description(name: name)
        system.gateway = ports.url(from: nil, to: .gateway)
        system.proxyAPI = "http://127.0.0.1:\(ports.api)"
        system.mutants = mutants.map(\.name)
        system.directory = places.directory
        system.services = ShopRole.allCases.map { service($0, pid: pids[$0.rawValue]) }
        system.network = ports.network.map { network in
            SystemDescription.Network(
                switchNamespace: network.switchboard.name ?? "",
                bridge: ShopNetwork.bridge,
                hostAddress: network.hostAddress
            )
        }
        system.links = ShopTopology.links.map { link in
            SystemDescription.Link(
                name: link.name,
                wireProtocol: link.wireProtocol,
                listen: ports.address(of: link),
                upstream: upstream(of: link)
            )
        }
        system.databases = ShopRole.allCases.map { role in
            SystemDescription.Database(
                service: role.rawValue,
                observer: databases[role]?.observer,
                pid: pids[ShopTopology.databaseName(role)]
            )
        }
        return system
    }

    private func service(_ role: ShopRole, pid: Int32?) -> SystemDescription.Service {
        var service = SystemDescription.Service(
            name: role.rawValue,
            pid: pid,
            url: "http://" + ports.address(of: role)
        )
        if let network = ports.network {
            service.namespace = network.namespace(of: role).name
            service.address = network.address(of: role)
            service.interface = ShopNetwork.interface
        }
        return service
    }

    private func upstream(of link: ShopTopology.Link) -> String {
        switch link.target {
        case .service(let role): ports.address(of: role)
        case .database(let role): "127.0.0.1:\(databases[role]?.port ?? 0)"
        }
    }
}
