import EventLoop
import RabbitMQServer
import Synchronization
import Testing

@testable import ShopBroker

/// RabbitMQ: one server for the whole run, and for each harness names of its own.
struct RabbitHarness: BrokerHarness {
    /// For every test that wants it: without the server the test is skipped, and says so.
    static let isPossible = ConditionTrait.enabled(
        if: RabbitBinaries.areInstalled,
        "rabbitmq-server is not installed: apt-get install rabbitmq-server"
    )

    private static let count = Mutex(0)
    private static let partitions = Mutex<[String: Int64]>([:])
    private let server: SharedRabbit

    static func make() async throws -> RabbitHarness {
        RabbitHarness(server: try await SharedRabbit.instance())
    }

    private var topology: RabbitTopology {
        let topics = Self.partitions.withLock { $0 }
        let groups = topics.keys.map { ("group-\($0)", [$0]) }
        return RabbitTopology(
            name: "test",
            topics: topics,
            groups: Dictionary(uniqueKeysWithValues: groups)
        )
    }

    func broker() async throws -> any Broker { rabbit() }

    func rabbit() -> RabbitBroker {
        RabbitBroker(server.endpoints, topology: topology, lease: .milliseconds(800))
    }

    func topic(partitions: Int) async throws -> String {
        let name = Self.count.withLock { count in
            count += 1
            return "topic-\(count)"
        }
        Self.partitions.withLock { $0[name] = Int64(partitions) }
        let broker = rabbit()
        try await broker.declare()
        await broker.close()
        return name
    }

    func settle() async throws { try await server.settle(topology.queues) }

    func crash() async throws {
        try await server.kill(0)
        try await server.restart(0)
    }
}
