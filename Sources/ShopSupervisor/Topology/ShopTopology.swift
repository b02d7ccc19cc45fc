package import ChaosModel
package import ShopCore

/// The shop's parties and the links between them: names that never change, and no ports.
package enum ShopTopology {
    /// The name of the shop that runs when no other is given.
    package static let defaultName = "shop"

    /// What joins the services.
    package enum Kind: String, Sendable, CaseIterable {
        /// Everything listens on 127.0.0.1 and every link passes through the proxy; needs no root.
        case loopback
        /// Each service is a host in a network namespace of its own; needs root.
        case netns
    }

    /// A connection between two parties; in the topology `loopback` it passes through the proxy.
    package struct Link: Hashable, Sendable {
        /// What is at the far end.
        package enum Target: Hashable, Sendable {
            case service(ShopInstance)
            case database(ShopDatabase)
            /// A server of RabbitMQ's: 1, 2, 3.
            case rabbit(Int)

            var name: String {
                switch self {
                case .service(let instance): instance.name
                case .database(let database): database.name
                case .rabbit(let node): ShopTopology.rabbit(node)
                }
            }
        }

        /// Who connects: an instance, or `nil` for the clients.
        package var source: ShopInstance?
        package var target: Target

        /// The link's name, which is also the proxy's: `payments->payments-db`,
        /// `orders->payments-2`.
        package var name: String { "\(source?.name ?? "client")->\(target.name)" }

        package var wireProtocol: SystemDescription.Link.WireProtocol {
            switch target {
            case .service: .http
            case .database: .postgres
            case .rabbit: .tcp
            }
        }
    }

    /// The name of a server of RabbitMQ's: `rabbit-1`.
    package static func rabbit(_ node: Int) -> String { "rabbit-\(node)" }
    /// What RabbitMQ's servers have in common.
    package static let rabbitRole = "rabbit"

    /// The shop before it runs: for planning and for `chaos plan`.
    package static func description(
        name: String = defaultName,
        fleet: ShopFleet = ShopFleet()
    ) -> SystemDescription {
        SystemDescription(
            name: name,
            services: fleet.instances.map { instance in
                var service = SystemDescription.Service(name: instance.name)
                service.role = instance.role.rawValue
                return service
            } + fleet.rabbitNodes.map { rabbitService($0) },
            links: fleet.links.map {
                SystemDescription.Link(name: $0.name, wireProtocol: $0.wireProtocol)
            },
            databases: fleet.databases.map {
                SystemDescription.Database(service: $0.rawValue)
            }
        )
    }

    /// A server of RabbitMQ's as a target of faults.
    static func rabbitService(_ node: Int, pid: Int32? = nil) -> SystemDescription.Service {
        var service = SystemDescription.Service(name: rabbit(node), pid: pid)
        service.role = rabbitRole
        return service
    }
}
