import RabbitMQ

/// Which topics and groups there are in RabbitMQ, and what everything is called; a value.
///
/// ```
/// publisher ─▶ shop.in.orders.orders.7   ─▶ shop.orders ─key 0─▶ shop.orders.projector.0
///              (fanout, of one token)       (direct)    ─key 1─▶ shop.orders.projector.1
///                                                       ─key 0─▶ shop.orders.notifications.0 …
///                                             refused for good ─▶ shop.dead
/// ```
package struct RabbitTopology: Sendable, Hashable {
    /// Begins every name: several shops, or tests, may share a server.
    package var name: String
    /// Topics with the numbers of their partitions.
    package var topics: [String: Int64]
    /// Groups with the topics that they read.
    ///
    /// What is published before a group is declared, the group does not get.
    package var groups: [String: [String]]

    package init(
        name: String = "shop",
        topics: [String: Int64],
        groups: [String: [String]] = [:]
    ) {
        self.name = name
        self.topics = topics
        self.groups = groups
    }

    /// The most messages in a queue; then publishers are refused until some are handled.
    static let queueMax: Int64 = 1_000_000

    /// Where refused messages go, and the queue in which they stay.
    package var dead: String { "\(name).dead" }

    func exchange(_ topic: String) -> String { "\(name).\(topic)" }

    func queue(_ topic: String, _ group: String, _ partition: Int64) -> String {
        "\(name).\(topic).\(group).\(partition)"
    }

    /// The door of one token of a publisher: gone as soon as a newer token has been here.
    func door(_ topic: String, _ publisher: BrokerPublisher, token: Int64? = nil) -> String {
        "\(name).in.\(topic).\(publisher.name).\(token ?? publisher.token)"
    }

    /// The queue with the newest token of a publisher, and none but it when nobody is changing it.
    func fence(_ topic: String, _ publisher: String) -> String {
        "\(name).fence.\(topic).\(publisher)"
    }

    /// The first one has it to itself.
    static let fenceArguments: [String: RabbitValue] = ["x-single-active-consumer": .bool(true)]

    /// The queue that every member of a group consumes and that is always empty: they can be
    /// counted there, as they cannot where only one is active.
    func members(_ group: String) -> String { "\(name).members.\(group)" }

    /// A partition has one reader at a time; what is refused is not lost on its way to the dead.
    private var queueArguments: [String: RabbitValue] {
        [
            "x-single-active-consumer": .bool(true),
            "x-dead-letter-exchange": .text(dead),
            "x-dead-letter-strategy": .text("at-least-once"),
            "x-overflow": .text("reject-publish"),
            "x-max-length": .number(Self.queueMax),
            "x-queue-leader-locator": .text("balanced"),
        ]
    }

    /// Every queue that `declare` declares.
    package var queues: [String] {
        [dead] + topics.keys.map { fence($0, $0) }
            + groups.flatMap { group, names in
                [members(group)]
                    + places(of: names).map { queue($0.topic, group, $0.partition) }
            }
    }

    /// Declares everything; what is there already is fine.
    ///
    /// With each topic the fence of the publisher that has the topic's name, as relays have.
    func declare(on connection: RabbitConnection) async throws {
        try await connection.withChannel { channel throws(RabbitError) in
            try channel.exchange(dead, kind: "fanout")
            try channel.quorumQueue(dead)
            try channel.bind(queue: dead, to: dead, key: "")
            for topic in topics.keys.sorted() {
                try channel.exchange(exchange(topic), kind: "direct")
                try channel.quorumQueue(fence(topic, topic), arguments: Self.fenceArguments)
            }
            for (group, names) in groups {
                try channel.quorumQueue(members(group))
                for place in places(of: names) {
                    let queue = queue(place.topic, group, place.partition)
                    try channel.quorumQueue(queue, arguments: queueArguments)
                    try channel.bind(
                        queue: queue,
                        to: exchange(place.topic),
                        key: "\(place.partition)"
                    )
                }
            }
        }
    }

    /// The partitions of some topics.
    func places(of names: [String]) -> [BrokerLane.Place] {
        names.flatMap { topic in
            (0..<(topics[topic] ?? 0)).map { BrokerLane.Place(topic: topic, partition: $0) }
        }
    }
}
