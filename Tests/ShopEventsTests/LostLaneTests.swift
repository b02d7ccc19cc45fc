import Postgres
import ShopCore
import Testing

@testable import ShopBroker
@testable import ShopEvents

/// A member that goes on with a lane after another one has taken it over.
@Suite(.timeLimit(.minutes(2))) struct LostLaneTests {
    private static let told = "SELECT count(*) FROM notifications"

    /// An order's end that belongs to a partition of the topic `orders`, which has two.
    private static func ended(_ customer: String, in partition: Int64) throws -> BrokerMessage {
        try #require(
            (0..<100).lazy.map { _ in EventPipeline.ended(customer) }
                .first { KeyHash.partition(of: $0.key, count: 2) == partition }
        )
    }

    private static func next(_ subscription: any BrokerSubscription) async throws -> BrokerBatch {
        try await subscription.next(atMost: 100, within: .seconds(5))
    }

    /// Two members of the group and the older one's subscription.
    private static func run(
        _ body:
            @escaping @Sendable (
                EventPipeline, EventConsumer, EventConsumer, any BrokerSubscription
            ) async throws -> Void
    ) async throws {
        try await EventPipeline.run { pipeline in
            let (older, newer) = (try pipeline.member(), try pipeline.member())
            let broker = try BrokerAddress.broker(at: pipeline.address)
            let subscription = try await broker.subscribe(
                BrokerSubscriptionRequest(
                    consumer: "notifications",
                    member: "older",
                    topics: ["orders"]
                )
            )
            try await body(pipeline, older, newer, subscription)
            await subscription.close()
            await broker.close()
            for member in [older, newer] {
                await member.stop(grace: .zero)
                member.context.pool.close()
            }
        }
    }

    @Test func `a batch with a lost lane and one that is new has no effect and comes again`()
        async throws
    {
        try await Self.run { pipeline, older, newer, subscription in
            // From now on it knows where partition 0 is.
            try await pipeline.publish([try Self.ended("a", in: 0)])
            try await older.handle(try await Self.next(subscription), subscription)
            #expect(try await pipeline.number(pipeline.notifications, Self.told) == 1)
            // Of partition 1 it has handled nothing yet.
            try await pipeline.publish([try Self.ended("b", in: 0), try Self.ended("c", in: 1)])
            let batch = try await Self.next(subscription)
            #expect(batch.deliveries.count == 2)
            // Another member takes partition 0 over and handles something else there. With
            // RabbitMQ it has the same offset: members count what is delivered to them.
            var taken = try #require(batch.deliveries.first { $0.lane.place.partition == 0 })
            taken.lane.token += 1
            taken.message = try Self.ended("d", in: 0)
            try await newer.handle(BrokerBatch([taken]), subscription)
            #expect(try await pipeline.number(pipeline.notifications, Self.told) == 2)

            await #expect(throws: ConsumerLedger.LaneLost.self) {
                try await older.handle(batch, subscription)
            }
            #expect(try await pipeline.number(pipeline.notifications, Self.told) == 2)
            await subscription.rewind()
            let again = try await Self.next(subscription)
            #expect(Set(again.deliveries) == Set(batch.deliveries))
        }
    }

    @Test func `what was delivered under an older claim has no effect`() async throws {
        try await Self.run { pipeline, older, newer, subscription in
            let place = BrokerLane.Place(topic: "orders", partition: 0)
            func claimed(by member: EventConsumer, _ customer: String) async throws -> BrokerBatch {
                let claim = try #require(try await member.ledger.claims(of: [place])[place])
                return BrokerBatch([
                    BrokerDelivery(
                        lane: BrokerLane(place: place, token: claim.token),
                        offset: claim.offset,
                        message: try Self.ended(customer, in: 0),
                        publishedAt: 0
                    )
                ])
            }
            let late = try await claimed(by: older, "a")
            try await newer.handle(try await claimed(by: newer, "b"), subscription)
            await #expect(throws: ConsumerLedger.LaneLost.self) {
                try await older.handle(late, subscription)
            }
            #expect(try await pipeline.number(pipeline.notifications, Self.told) == 1)
        }
    }
}
