/// Which broker carries a shop's events.
package enum BrokerChoice: Hashable, Sendable {
    /// The log in broker-db.
    case postgres
    /// RabbitMQ, one server or a cluster.
    case rabbit(nodes: Int)

    /// One server, or as many as can lose one.
    package static let nodeCounts = [1, 3]
    /// Every text that `init` reads.
    package static let texts = ["postgres", "rabbitmq", "rabbitmq:3"]

    /// Reads `postgres`, `rabbitmq` and `rabbitmq:3` (three nodes); `nil` for anything else.
    package init?(_ text: String) {
        switch text {
        case "postgres": self = .postgres
        case "rabbitmq": self = .rabbit(nodes: 1)
        default:
            guard let count = Self.nodeCounts.first(where: { text == "rabbitmq:\($0)" }) else {
                return nil
            }
            self = .rabbit(nodes: count)
        }
    }

    package var text: String {
        switch self {
        case .postgres: "postgres"
        case .rabbit(nodes: 1): "rabbitmq"
        case .rabbit(let nodes): "rabbitmq:\(nodes)"
        }
    }

    /// How many servers of RabbitMQ's there are.
    package var rabbitNodes: Int {
        if case .rabbit(let nodes) = self { nodes } else { 0 }
    }
}
