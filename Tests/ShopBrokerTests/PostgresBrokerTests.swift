import EventLoop
import Postgres
import Testing

@testable import ShopBroker

/// What only the log in PostgreSQL promises; `BrokerTests` has what every broker does.
@Suite(.timeLimit(.minutes(2))) struct PostgresBrokerTests {
    @Test func `a reader sees no gap, however publishers overlap`() async throws {
        try await BrokerTests.onLoop {
            let harness = try await PostgresHarness.make()
            let topic = try await harness.topic(partitions: 1)
            let reader = try await harness.broker()
            let subscription = try await reader.subscribe(BrokerConformance.request(topic, "a"))
            let publishing = Loop.current?.spawn {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in 0..<4 {
                        group.addTask {
                            let broker = try await harness.broker()
                            for round in 0..<25 {
                                let base = name * 1000 + round * 4
                                try await broker.publish(
                                    (base..<base + 4).map {
                                        BrokerConformance.message($0, key: "\($0)")
                                    },
                                    to: topic,
                                    by: BrokerPublisher(name: "p\(name)", token: 1)
                                )
                            }
                            await broker.close()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let got = try await BrokerConformance.read(400, from: subscription)
            try await publishing?.value
            #expect(got.map(\.offset) == Array(0..<400))
            await subscription.close()
            await reader.close()
        }
    }

    @Test func `a topic that does not exist is named`() async throws {
        try await BrokerTests.onLoop {
            let broker = try await PostgresHarness.make().broker()
            await BrokerConformance.expectUnknownTopic(broker)
        }
    }
}
