import EventLoop
import ShopBroker
import Testing

/// The conformance suite, on every kind of broker.
@Suite(.serialized, .timeLimit(.minutes(3))) struct BrokerTests {
    /// One of the suite's tests by its sentence.
    struct Promise: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var check: @Sendable (any BrokerHarness) async throws -> Void
    }

    static let promises = [
        Promise(testDescription: "messages of a key come in their order, and all of them") {
            try await BrokerConformance.orderForEachKey($0)
        },
        Promise(testDescription: "a publisher that was paused over its lease cannot publish") {
            try await BrokerConformance.olderTokenIsRefused($0)
        },
        Promise(testDescription: "a newer holder elsewhere keeps the former one out") {
            try await BrokerConformance.newerHolderElsewhereWins($0)
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

    static func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let loop = try Loop.start(label: "broker-test")
        defer { loop.stop() }
        return try await loop.spawn(body).value
    }

    @Test(arguments: promises)
    func `the log in PostgreSQL keeps a broker's promises`(_ promise: Promise) async throws {
        try await Self.onLoop { try await promise.check(try await PostgresHarness.make()) }
    }

    @Test func `the log in PostgreSQL, killed under load, loses nothing`() async throws {
        try await Self.onLoop {
            let harness = try await PostgresHarness.makeMortal()
            try await BrokerConformance.crashesUnderLoad(harness)
            try await harness.remove()
        }
    }

    @Test(RabbitHarness.isPossible, arguments: promises)
    func `RabbitMQ keeps a broker's promises`(_ promise: Promise) async throws {
        try await Self.onLoop { try await promise.check(try await RabbitHarness.make()) }
    }

    @Test(RabbitHarness.isPossible)
    func `RabbitMQ, killed under load, loses nothing`() async throws {
        try await Self.onLoop {
            try await BrokerConformance.crashesUnderLoad(try await RabbitHarness.make())
        }
    }
}
