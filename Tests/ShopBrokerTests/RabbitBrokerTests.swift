import EventLoop
import RabbitMQ
import RabbitMQServer
import Testing

@testable import ShopBroker

/// What only RabbitMQ's side does; `BrokerTests` has what every broker does.
@Suite(RabbitHarness.isPossible, .timeLimit(.minutes(2))) struct RabbitBrokerTests {
    @Test func `what no publisher of ours has sent goes to the dead letters and holds up nobody`()
        async throws
    {
        try await BrokerTests.onLoop {
            let harness = try await RabbitHarness.make()
            let topic = try await harness.topic(partitions: 1)
            let endpoint = try await SharedRabbit.instance().endpoints[0]
            let connection = try await RabbitConnection.open(endpoint)
            let channel = try await connection.openPublisher()
            try await connection.publish(
                [("0", RabbitMessage(id: "no UUID", body: "foreign"))],
                to: "test.\(topic)",
                on: channel,
                within: .seconds(5)
            )
            let broker = harness.rabbit()
            let ours = [BrokerConformance.message(1, key: "k")]
            try await broker.publish(ours, to: topic, by: BrokerPublisher(name: "p", token: 1))
            let subscription = try await broker.subscribe(BrokerConformance.request(topic, "a"))
            let got = try await BrokerConformance.read(1, from: subscription)
            #expect(got.map(\.message) == ours)
            let found = try await connection.read(
                "test.dead",
                on: channel,
                until: { _ in true },
                within: .seconds(10)
            )
            let dead = try #require(found)
            #expect(dead.map(\.message.body) == ["foreign"])
            try await connection.acknowledge(upTo: dead[0].tag, on: channel)
            await subscription.close()
            await broker.close()
            await connection.close()
        }
    }

    @Test func `a topic that does not exist is named`() async throws {
        try await BrokerTests.onLoop {
            let broker = try await RabbitHarness.make().rabbit()
            await BrokerConformance.expectUnknownTopic(broker)
        }
    }
}

/// A lane counts for itself, from where the consumer is.
struct RabbitLaneTests {
    private static func message(_ number: Int) -> BrokerMessage {
        BrokerConformance.message(number, key: "k")
    }

    private static func lane(_ tags: ClosedRange<UInt64>, offset: Int64 = 10) -> RabbitLane {
        var lane = RabbitLane(place: BrokerLane.Place(topic: "t", partition: 0))
        for tag in tags { lane.arrive(tag, message(Int(tag)), publishedAt: 0) }
        lane.take(over: BrokerClaim(offset: offset, token: 3))
        return lane
    }

    @Test func `nothing is handed out before a claim`() {
        var lane = RabbitLane(place: BrokerLane.Place(topic: "t", partition: 0))
        #expect(!lane.needsClaim)
        lane.arrive(1, Self.message(1), publishedAt: 0)
        #expect(lane.needsClaim)
        #expect(lane.next(atMost: 9).isEmpty)
        lane.take(over: BrokerClaim(offset: 4, token: 1))
        #expect(lane.next(atMost: 9).map(\.offset) == [4])
    }

    @Test func `what is acknowledged is named by the last tag and does not come again`() {
        var lane = Self.lane(1...5)
        let first = lane.next(atMost: 3)
        #expect(first.map(\.offset) == [10, 11, 12])
        #expect(lane.acknowledge(first[0].lane, upTo: 12) == 2)
        lane.rewind()
        #expect(lane.needsClaim)
        lane.take(over: BrokerClaim(offset: 12, token: 4))
        #expect(lane.next(atMost: 9).map(\.message) == [3, 4, 5].map(Self.message))
    }

    @Test func `an acknowledgement under a former claim is none`() {
        var lane = Self.lane(1...3)
        let batch = lane.next(atMost: 3)
        lane.rewind()
        lane.take(over: BrokerClaim(offset: 10, token: 4))
        _ = lane.next(atMost: 3)
        #expect(lane.acknowledge(batch[0].lane, upTo: 13) == nil)
        // Nor one of what was not handed out.
        var other = Self.lane(1...3)
        let one = other.next(atMost: 1)
        #expect(other.acknowledge(one[0].lane, upTo: 12) == nil)
    }

    @Test func `a foreign message holds the lane until it is refused`() {
        var lane = Self.lane(1...1)
        lane.arrive(2, nil, publishedAt: 0)
        lane.arrive(3, Self.message(3), publishedAt: 0)
        #expect(lane.removeForeign() == nil)
        #expect(lane.next(atMost: 9).map(\.message) == [Self.message(1)])
        #expect(lane.removeForeign() == 2)
        #expect(lane.next(atMost: 9).map(\.offset) == [11])
    }
}

/// The text by which a service finds its broker.
struct BrokerAddressTests {
    @Test(arguments: [
        "amqp://chaos:secret@127.0.0.1:5672/shop",
        "amqp://chaos:secret@127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/shop",
        "host='/tmp/x' port=5432 dbname='broker'",
    ])
    func `an address is written as it was read`(_ text: String) throws {
        #expect(try #require(BrokerAddress(text)).text == text)
    }

    @Test(arguments: [
        "amqp://127.0.0.1:5672/shop", "amqp://a:b@127.0.0.1:5672", "amqp://a:b@127.0.0.1:5672/",
        "amqp://a:b@somewhere:5672/shop", "amqp://a@127.0.0.1:1/shop", "amqp://a:b@/shop",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(BrokerAddress(text) == nil)
    }
}
