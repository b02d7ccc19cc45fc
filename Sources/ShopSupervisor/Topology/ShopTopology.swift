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
            case service(ShopRole)
            case database(ShopRole)
        }

        /// Who connects: a role, or `nil` for the clients.
        package var source: ShopRole?
        package var target: Target

        /// The link's name, which is also the proxy's: `payments->payments-db`.
        package var name: String {
            let near = source?.rawValue ?? "client"
            switch target {
            case .service(let role): return "\(near)->\(role.rawValue)"
            case .database(let role): return "\(near)->\(databaseName(role))"
            }
        }

        package var wireProtocol: SystemDescription.Link.WireProtocol {
            if case .service = target { .http } else { .postgres }
        }
    }

    /// Every link: the clients' first, then between services, then to the databases.
    package static let links: [Link] =
        [Link(source: nil, target: .service(.gateway))]
        + ShopRole.allCases.flatMap { role in
            role.peers.map { Link(source: role, target: .service($0)) }
        }
        + ShopRole.allCases.map { Link(source: $0, target: .database($0)) }

    /// The name of a role's cluster: `orders-db`.
    package static func databaseName(_ role: ShopRole) -> String { role.rawValue + "-db" }

    /// The shop before it runs: for planning and for `chaos plan`.
    package static func description(name: String = defaultName) -> SystemDescription {
        SystemDescription(
            name: name,
            services: ShopRole.allCases.map { SystemDescription.Service(name: $0.rawValue) },
            links: links.map {
                SystemDescription.Link(name: $0.name, wireProtocol: $0.wireProtocol)
            },
            databases: ShopRole.allCases.map { SystemDescription.Database(service: $0.rawValue) }
        )
    }
}
