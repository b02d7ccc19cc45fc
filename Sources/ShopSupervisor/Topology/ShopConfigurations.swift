import ChaosModel
import JSON
import LinuxSystem
import RabbitMQ
import ShopBroker
import ShopCore

/// The configuration files and the description of a shop, computed from what is known of it.
struct ShopConfigurations {
    /// What must be known of a cluster.
    struct Database: Sendable {
        /// The port of the server itself.
        var port: UInt16
        /// The connection string for a service, by the proxy's port; holds the password.
        var service: @Sendable (_ port: UInt16) -> String
        /// A connection string for observers, over the Unix socket.
        var observer: String
    }

    let name: String
    let places: ShopPlaces
    let ports: PortAssignment
    let databases: [ShopDatabase: Database]
    /// Where RabbitMQ's servers listen, the first first.
    let rabbit: [RabbitEndpoint]
    let mutants: [Mutant]

    /// The proxy's file: the array that Toxiproxy's `-config` reads, with each link's protocol.
    ///
    /// Wires are not in it.
    var proxy: JSONValue {
        .array(
            ports.fleet.links.filter { !ports.isWire($0) }.map { link in
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

    /// An instance's file; only its owner may read it, for the password.
    func service(_ instance: ShopInstance) -> ShopServiceConfiguration {
        let role = instance.role
        let peers = role.peers.filter { !ports.fleet.instances(of: $0).isEmpty }.map { peer in
            (peer, ports.fleet.instances(of: peer).map { ports.url(from: instance, to: $0) })
        }
        return ShopServiceConfiguration(
            role: role,
            name: instance.name,
            listen: ports.address(of: instance),
            database: role.databases.first.map { conninfo(from: instance, to: $0) } ?? "",
            broker: role.databases.contains(.broker) ? broker(of: instance) : nil,
            peers: Dictionary(uniqueKeysWithValues: peers),
            mutants: mutants,
            log: places.log(instance.name)
        )
    }

    private func conninfo(from instance: ShopInstance, to database: ShopDatabase) -> String {
        databases[database]?.service(ports.port(from: instance, to: database)) ?? ""
    }

    /// Where an instance finds the broker, by the proxy's ports.
    private func broker(of instance: ShopInstance) -> String {
        guard !rabbit.isEmpty else { return conninfo(from: instance, to: .broker) }
        let endpoints = zip(ports.fleet.rabbitNodes, rabbit).map { node, endpoint in
            var endpoint = endpoint
            endpoint.host = ports.databaseHost
            let link = ShopTopology.Link(source: instance, target: .rabbit(node))
            endpoint.port = ports.links[link.name] ?? 0
            return endpoint
        }
        return BrokerAddress.rabbit(endpoints, name: "shop").text
    }

    /// The running shop as `system.json` tells it.
    func description(pids: [String: Int32]) -> SystemDescription {
        var system = ShopTopology.description(name: name, fleet: ports.fleet)
        system.gateway = ports.url(from: nil, to: ShopInstance(.gateway))
        system.proxyAPI = "http://127.0.0.1:\(ports.api)"
        system.mutants = mutants.map(\.name)
        system.directory = places.directory
        system.services =
            ports.fleet.instances.map { service($0, pid: pids[$0.name]) }
            + ports.fleet.rabbitNodes.map {
                ShopTopology.rabbitService($0, pid: pids[ShopTopology.rabbit($0)])
            }
        system.network = ports.network.map { network in
            SystemDescription.Network(
                switchNamespace: network.switchboard.name ?? "",
                bridge: ShopNetwork.bridge,
                hostAddress: network.hostAddress
            )
        }
        system.links = ports.fleet.links.map { link in
            SystemDescription.Link(
                name: link.name,
                wireProtocol: link.wireProtocol,
                listen: ports.address(of: link),
                upstream: upstream(of: link)
            )
        }
        system.databases = ports.fleet.databases.map { database in
            SystemDescription.Database(
                service: database.rawValue,
                observer: databases[database]?.observer,
                pid: pids[database.server.name]
            )
        }
        return system
    }

    private func service(_ instance: ShopInstance, pid: Int32?) -> SystemDescription.Service {
        var service = SystemDescription.Service(
            name: instance.name,
            pid: pid,
            url: "http://" + ports.address(of: instance)
        )
        service.role = instance.role.rawValue
        if let network = ports.network {
            service.namespace = network.namespace(of: instance).name
            service.address = network.address(of: instance)
            service.interface = ShopNetwork.interface
        }
        return service
    }

    private func upstream(of link: ShopTopology.Link) -> String {
        switch link.target {
        case .service(let instance): ports.address(of: instance)
        case .database(let database): "127.0.0.1:\(databases[database]?.port ?? 0)"
        case .rabbit(let node): rabbit[node - 1].address
        }
    }
}
