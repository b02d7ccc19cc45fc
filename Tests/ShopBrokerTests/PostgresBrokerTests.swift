import EventLoop
import Postgres
import PostgresServer
import ShopCore
import Synchronization
import Testing

@testable import ShopBroker

/// The conformance suite on the log in PostgreSQL, and what only that one promises.
@Suite(.timeLimit(.minutes(2))) struct PostgresBrokerTests {
    struct Harness: BrokerHarness {
        let conninfo: String
        private static let topics = Mutex(0)

        static func make() async throws -> Harness {
            let database = try await SharedCluster.instance().database()
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            defer { connection.close() }
            try await connection.simple(ShopDatabase.broker.script())
            return Harness(conninfo: database.socketConninfo)
        }

        func broker() async throws -> any Broker {
            PostgresBroker(conninfo, lease: .milliseconds(800))
        }

        func topic(partitions: Int) async throws -> String {
            let name = Self.topics.withLock { count in
                count += 1
                return "topic-\(count)"
            }
            let connection = try await PostgresConnection.connect(conninfo)
            defer { connection.close() }
            try await connection.query(
                """
                INSERT INTO broker_partitions (topic, partition)
                SELECT $1, generate_series(0, $2::int - 1)
                """,
                [.string(name), .int(Int64(partitions))]
            )
            return name
        }
    }

    /// One of the suite's tests by its sentence.
    struct Promise: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var check: @Sendable (Harness) async throws -> Void
    }

    static let promises = [
        Promise(testDescription: "messages of a key come in their order, and all of them") {
            try await BrokerConformance.orderForEachKey($0)
        },
        Promise(testDescription: "a publisher that was paused over its lease cannot publish") {
            try await BrokerConformance.olderTokenIsRefused($0)
        },
        Promise(testDescription: "what a silent member had comes to another one") {
            try await BrokerConformance.silentMemberLosesItsLanes($0)
        },
        Promise(testDescription: "members share, and one that leaves loses nothing") {
            try await BrokerConformance.membersShare($0)
        },
        Promise(testDescription: "what was not acknowledged comes again") {
            try await BrokerConformance.rewindDeliversAgain($0)
        },
    ]

    private static func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let loop = try Loop.start(label: "broker-test")
        defer { loop.stop() }
        return try await loop.spawn(body).value
    }

    @Test(arguments: promises)
    func `the broker keeps its promises`(_ promise: Promise) async throws {
        try await Self.onLoop { try await promise.check(try await Harness.make()) }
    }

    @Test func `a reader sees no gap, however publishers overlap`() async throws {
        try await Self.onLoop {
            let harness = try await Harness.make()
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
        try await Self.onLoop {
            let broker = try await Harness.make().broker()
            await #expect(throws: BrokerError.unknownTopic("nonsense")) {
                try await broker.publish(
                    [BrokerConformance.message(1, key: "k")],
                    to: "nonsense",
                    by: BrokerPublisher(name: "p", token: 1)
                )
            }
            await broker.close()
        }
    }
}
