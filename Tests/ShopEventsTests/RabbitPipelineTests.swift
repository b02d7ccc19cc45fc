import EventLoop
import Postgres
import PostgresServer
import RabbitMQServer
import ShopBroker
import ShopCore
import Synchronization
import Testing

/// The same pipeline with RabbitMQ in the middle.
@Suite(
    .serialized,
    .enabled(
        if: RabbitBinaries.areInstalled,
        "rabbitmq-server is not installed: apt-get install rabbitmq-server"
    ),
    .timeLimit(.minutes(3))
) struct RabbitPipelineTests {
    private static let told = "SELECT count(*) FROM notifications"
    private static let toldOnce = "SELECT count(DISTINCT order_id) FROM notifications"
    private static let waiting = "SELECT count(*) FROM event_outbox"
    private static let count = Mutex(0)

    private static func topology(_ pipeline: EventPipeline) throws -> RabbitTopology {
        guard case .rabbit(_, let name)? = BrokerAddress(pipeline.address) else {
            throw BrokerError.refused(pipeline.address)
        }
        return .shop(name: name)
    }

    private static func run(
        _ body: @escaping @Sendable (EventPipeline, SharedRabbit) async throws -> Void
    ) async throws {
        let server = try await SharedRabbit.instance()
        let number = count.withLock { count in
            count += 1
            return count
        }
        let name = "pipeline-\(number)"
        let address = BrokerAddress.rabbit(server.endpoints, name: name).text
        try await EventPipeline.run(broker: address) { pipeline in
            let broker = RabbitBroker(server.endpoints, topology: try topology(pipeline))
            try await broker.declare()
            await broker.close()
            try await body(pipeline, server)
        }
    }

    @Test func `a broker that dies in the middle loses no event, and each has its effect once`()
        async throws
    {
        try await Self.run { pipeline, server in
            try await server.settle(Self.topology(pipeline).queues)
            let relay = try await pipeline.relay()
            let notifier = try await pipeline.notifier()
            let projector = try await pipeline.projection()
            try await pipeline.place(200)
            try await server.kill(0)
            try await pipeline.place(200)
            try await server.restart(0)
            try await pipeline.place(200)
            try await pipeline.until(pipeline.notifications, Self.told, is: 600)
            #expect(try await pipeline.number(pipeline.notifications, Self.toldOnce) == 600)
            try await pipeline.until(pipeline.orders, Self.waiting, is: 0)
            try await pipeline.until(
                pipeline.projector,
                "SELECT coalesce(sum(events), 0) FROM dashboard WHERE type = 'order-confirmed'",
                is: 600
            )
            await projector.stop()
            await notifier.stop()
            await relay.stop()
        }
    }

    @Test func `what is published twice has its effect once, and a poisoned event is parked`()
        async throws
    {
        try await Self.run { pipeline, _ in
            let messages = (0..<20).map { EventPipeline.ended("c-\($0)") }
            try await pipeline.publish(messages + [EventPipeline.ended(nil)] + messages)
            let notifier = try await pipeline.notifier()
            try await pipeline.until(pipeline.notifications, Self.told, is: 20)
            try await pipeline.publish(messages + [EventPipeline.ended("last")])
            try await pipeline.until(pipeline.notifications, Self.told, is: 21)
            #expect(try await pipeline.number(pipeline.notifications, Self.toldOnce) == 21)
            let parked = "SELECT count(*) FROM dead_letters"
            #expect(try await pipeline.number(pipeline.notifications, parked) == 1)
            await notifier.stop()
        }
    }

    @Test func `a member with an older claim has no effect, and claims anew`() async throws {
        try await Self.run { pipeline, _ in
            let notifier = try await pipeline.notifier()
            try await pipeline.publish([EventPipeline.ended("a")])
            try await pipeline.until(pipeline.notifications, Self.told, is: 1)
            // As if another member, which claimed later, had been here and handled something.
            try await pipeline.run(
                pipeline.notifications,
                "UPDATE consumer_offsets SET token = token + 5, next_offset = next_offset + 3"
            )
            try await pipeline.publish((0..<9).map { EventPipeline.ended("b-\($0)") })
            try await pipeline.until(pipeline.notifications, Self.told, is: 10)
            #expect(try await pipeline.number(pipeline.notifications, Self.toldOnce) == 10)
            await notifier.stop()
        }
    }
}
