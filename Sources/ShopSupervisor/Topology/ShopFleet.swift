package import ShopCore

/// How many instances of each role a shop has, and the links that follow from it; a value.
package struct ShopFleet: Hashable, Sendable {
    private let counts: [ShopRole: Int]
    /// Whether the event side runs: broker, relays, and those who consume.
    package let hasEvents: Bool
    /// What carries the events.
    package let broker: BrokerChoice

    /// One instance of each role, but for those that are named.
    ///
    /// Traps when a number is not 1…`ShopInstance.numberMax`.
    package init(
        replicas: [ShopRole: Int] = [:],
        hasEvents: Bool = true,
        broker: BrokerChoice = .postgres
    ) {
        self.hasEvents = hasEvents
        self.broker = broker
        for number in replicas.values {
            precondition((1...ShopInstance.numberMax).contains(number), "1 to 9 instances")
        }
        counts = replicas.filter { $0.value > 1 }
    }

    /// The roles with more than one instance.
    package var replicas: [ShopRole: Int] { counts }

    /// The instances of a role; none when the fleet does without it.
    package func instances(of role: ShopRole) -> [ShopInstance] {
        guard hasEvents || !role.isOfEvents else { return [] }
        return (1...(counts[role] ?? 1)).map { ShopInstance(role, number: $0) }
    }

    /// Every instance, role by role.
    package var instances: [ShopInstance] { ShopRole.allCases.flatMap(instances(of:)) }

    /// The databases that the instances need.
    package var databases: [ShopDatabase] {
        ShopDatabase.allCases.filter { hasEvents || !$0.isOfEvents }
    }

    /// The databases that a role connects to: broker-db only where it is the broker.
    package func databases(of role: ShopRole) -> [ShopDatabase] {
        role.databases.filter { $0 != .broker || rabbitNodes.isEmpty }
    }

    /// The numbers of RabbitMQ's servers: 1, 2, 3, or none.
    package var rabbitNodes: [Int] { hasEvents ? Array(1..<broker.rabbitNodes + 1) : [] }

    /// The databases after which the servers are named.
    package var servers: [ShopDatabase] { databases.filter { $0.server == $0 } }

    /// Every link: the clients' first, then between services, then to the databases.
    ///
    /// Each pair of instances has a link of its own, so that a fault can strike one caller's way to
    /// one instance; each instance has its own link to each of its databases.
    package var links: [ShopTopology.Link] {
        var links = instances(of: .gateway).map { gateway in
            ShopTopology.Link(source: nil, target: .service(gateway))
        }
        for instance in instances {
            for peer in instance.role.peers.flatMap(instances(of:)) {
                links.append(ShopTopology.Link(source: instance, target: .service(peer)))
            }
        }
        for instance in instances {
            for database in databases(of: instance.role) {
                links.append(ShopTopology.Link(source: instance, target: .database(database)))
            }
            guard instance.role.databases.contains(.broker) else { continue }
            for node in rabbitNodes {
                links.append(ShopTopology.Link(source: instance, target: .rabbit(node)))
            }
        }
        return links
    }
}
