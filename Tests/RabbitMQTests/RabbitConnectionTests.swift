import EventLoop
import RabbitMQServer
import Synchronization
import Testing

@testable import RabbitMQ

/// The way to a real server and back.
@Suite(
    .enabled(
        if: RabbitBinaries.areInstalled,
        "rabbitmq-server is not installed: apt-get install rabbitmq-server"
    ),
    .timeLimit(.minutes(2))
) struct RabbitConnectionTests {
    /// What a connection told.
    private final class Heard: Sendable {
        let events = Mutex<[RabbitEvent]>([])

        var deliveries: [RabbitDelivery] {
            events.withLock { events in
                events.compactMap { event in
                    if case .delivery(let delivery) = event { delivery } else { nil }
                }
            }
        }

        var hasEnded: Bool {
            events.withLock { events in
                events.contains { event in if case .ended = event { true } else { false } }
            }
        }

        func until(_ claim: @Sendable (Heard) -> Bool) async throws {
            let end = Loop.monotonicNanoseconds() + 20_000_000_000
            while !claim(self) {
                try #require(Loop.monotonicNanoseconds() < end, "\(events.withLock { $0 })")
                try await Loop.current?.sleep(for: .milliseconds(5))
            }
        }
    }

    private func connection(_ heard: Heard = Heard()) async throws -> RabbitConnection {
        var settings = RabbitConnection.Settings()
        settings.onEvent = { event in heard.events.withLock { $0.append(event) } }
        let server = try await SharedRabbit.instance()
        return try await RabbitConnection.open(server.endpoints[0], settings)
    }

    private static func onLoop(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let loop = try Loop.start(label: "rabbit-test")
        defer { loop.stop() }
        try await loop.spawn(body).value
    }

    private static func message(_ number: Int) -> RabbitMessage {
        RabbitMessage(
            id: "m-\(number)",
            type: "counted",
            headers: ["key": .text("k"), "version": .number(Int64(number)), "odd": .bool(true)],
            body: "{\"text\":\"ü\(number)\"}"
        )
    }

    @Test func `what is confirmed is delivered, in order, until it is acknowledged`() async throws {
        try await Self.onLoop {
            let heard = Heard()
            let connection = try await connection(heard)
            try await connection.withChannel { channel throws(RabbitError) in
                try channel.exchange("t1", kind: "direct")
                try channel.quorumQueue("t1.q")
                try channel.bind(queue: "t1.q", to: "t1", key: "0")
            }
            let publisher = try await connection.openPublisher()
            let sent = (1...300).map(Self.message)
            try await connection.publish(
                sent.map { ("0", $0) },
                to: "t1",
                on: publisher,
                within: .seconds(10)
            )
            let channel = try await connection.consume("t1.q", prefetch: 50)
            try await heard.until { $0.deliveries.count == 50 }
            try await connection.acknowledge(upTo: 50, on: channel)
            try await heard.until { $0.deliveries.count == 100 }
            #expect(heard.deliveries.map(\.message) == Array(sent.prefix(100)))
            await connection.close()
            // What was delivered and not acknowledged comes again to the next.
            let next = Heard()
            let second = try await self.connection(next)
            _ = try await second.consume("t1.q", prefetch: 10)
            try await next.until { $0.deliveries.count == 10 }
            #expect(next.deliveries.map(\.message) == Array(sent[50..<60]))
            #expect(!next.deliveries.contains { !$0.isRedelivered })
            await second.close()
        }
    }

    @Test func `refusals have their kinds and cost only their channel`() async throws {
        try await Self.onLoop {
            let connection = try await connection()
            let other = try await self.connection()
            func code(
                _ connection: RabbitConnection,
                _ body: @Sendable (borrowing RabbitDeclarations) throws(RabbitError) -> Void
            ) async -> RabbitError.Code? {
                do {
                    try await connection.withChannel(body)
                    return nil
                } catch {
                    return error.code
                }
            }
            let missing = await code(connection) { channel throws(RabbitError) in
                try channel.bind(exchange: "nobody", to: "amq.fanout")
            }
            #expect(missing == .missing)
            let first = await code(connection) { channel throws(RabbitError) in
                try channel.exchange("kind", kind: "fanout")
            }
            #expect(first == nil)
            let second = await code(other) { channel throws(RabbitError) in
                try channel.exchange("kind", kind: "direct")
            }
            #expect(second == .refused)
            let publisher = try await connection.openPublisher()
            await #expect(throws: RabbitError.self) {
                try await connection.publish(
                    [("0", Self.message(1))],
                    to: "nobody",
                    on: publisher,
                    within: .seconds(5)
                )
            }
            let after = await code(connection) { channel throws(RabbitError) in
                try channel.deleteExchange("kind")
            }
            #expect(after == nil)
            await connection.close()
            await other.close()
        }
    }

    @Test func `an aborted connection says so`() async throws {
        try await Self.onLoop {
            let heard = Heard()
            let connection = try await connection(heard)
            connection.abort()
            try await heard.until { $0.hasEnded }
            await #expect(throws: RabbitError.self) { _ = try await connection.openPublisher() }
            await connection.close()
        }
    }
}

/// Confirms come for one or for many, and in any order.
struct ConfirmLedgerTests {
    @Test func `everything is settled when each number was, however it was told`() {
        var ledger = ConfirmLedger()
        for _ in 0..<6 { ledger.publish() }
        ledger.settle(3, isMultiple: false, isRefused: false)
        ledger.settle(2, isMultiple: true, isRefused: false)
        #expect(!ledger.isSettled)
        ledger.settle(6, isMultiple: false, isRefused: true)
        ledger.settle(5, isMultiple: true, isRefused: false)
        #expect(ledger.isSettled)
        #expect(ledger.refused == 1)
    }

    @Test func `what was told before does not count again`() {
        var ledger = ConfirmLedger()
        for _ in 0..<3 { ledger.publish() }
        ledger.settle(2, isMultiple: false, isRefused: true)
        ledger.settle(2, isMultiple: false, isRefused: true)
        ledger.settle(3, isMultiple: true, isRefused: true)
        ledger.settle(1, isMultiple: true, isRefused: true)
        ledger.settle(9, isMultiple: false, isRefused: true)
        #expect(ledger.refused == 3)
        #expect(ledger.isSettled)
    }
}
