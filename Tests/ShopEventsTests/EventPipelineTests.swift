import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import ShopBroker
import ShopCore
import Testing

@testable import ShopEvents

/// Outbox, relay, broker and consumers, with real databases between them.
@Suite(.timeLimit(.minutes(2))) struct EventPipelineTests {
    private static let told = "SELECT count(*) FROM notifications"
    private static let toldOnce = "SELECT count(DISTINCT order_id) FROM notifications"
    private static let waiting = "SELECT count(*) FROM event_outbox"

    @Test func `each state is an event, and each end is told once`() async throws {
        try await EventPipeline.run { pipeline in
            let relay = try await pipeline.relay()
            let notifier = try await pipeline.notifier()
            try await pipeline.place(50)
            try await pipeline.until(pipeline.notifications, Self.told, is: 50)
            try await pipeline.until(pipeline.orders, Self.waiting, is: 0)
            let events = "SELECT count(*) FROM broker_log"
            #expect(try await pipeline.number(pipeline.broker, events) == 200)
            #expect(try await pipeline.number(pipeline.notifications, Self.toldOnce) == 50)
            await notifier.stop()
            await relay.stop()
        }
    }

    @Test func `an event that is rolled back never happened`() async throws {
        try await EventPipeline.run { pipeline in
            try await pipeline.run(
                pipeline.orders,
                """
                BEGIN;
                INSERT INTO orders (id, idempotency_key, request_hash, customer, sku, quantity,
                    amount_cents, state)
                VALUES (gen_random_uuid(), 'k', 'h', 'c', 's', 1, 1, 'pending');
                INSERT INTO order_history (order_id, sequence, state)
                SELECT id, 1, state FROM orders;
                ROLLBACK
                """
            )
            #expect(try await pipeline.number(pipeline.orders, Self.waiting) == 0)
        }
    }

    @Test func `ids of events begin with the time, so inboxes grow at their end`() async throws {
        try await EventPipeline.run { pipeline in
            try await pipeline.place(50)
            let ordered = """
                SELECT count(*) FROM event_outbox WHERE
                    abs(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint
                        - extract(epoch FROM at) * 1000) < 5
                    AND substr(id::text, 15, 1) = '7'
                    AND substr(id::text, 20, 1) IN ('8', '9', 'a', 'b')
                """
            #expect(try await pipeline.number(pipeline.orders, ordered) == 200)
            let wrong = ShopDatabase.orders.script(mutants: [.outboxByID], hasEvents: true)
            try await pipeline.run(pipeline.orders, "DELETE FROM event_outbox;" + wrong)
            try await pipeline.place(50)
            #expect(try await pipeline.number(pipeline.orders, ordered) == 0)
        }
    }

    @Test func `what is published twice has its effect once`() async throws {
        try await EventPipeline.run { pipeline in
            let messages = (0..<20).map { EventPipeline.ended("c-\($0)") }
            try await pipeline.publish(messages + messages)
            let notifier = try await pipeline.notifier()
            try await pipeline.until(pipeline.notifications, Self.told, is: 20)
            try await pipeline.publish(messages + [EventPipeline.ended("last")])
            try await pipeline.until(pipeline.notifications, Self.told, is: 21)
            #expect(try await pipeline.number(pipeline.notifications, Self.toldOnce) == 21)
            await notifier.stop()
        }
    }

    @Test func `a consumer that starts again goes on where its database is`() async throws {
        try await EventPipeline.run { pipeline in
            try await pipeline.publish((0..<20).map { EventPipeline.ended("c-\($0)") })
            let first = try await pipeline.notifier()
            try await pipeline.until(pipeline.notifications, Self.told, is: 20)
            await first.stop()
            // What the group knows at the broker is older, or newer, than what the consumer knows.
            try await pipeline.run(pipeline.broker, "UPDATE broker_leases SET next_offset = 0")
            let second = try await pipeline.notifier()
            try await pipeline.publish([EventPipeline.ended("more")])
            try await pipeline.until(pipeline.notifications, Self.told, is: 21)
            await second.stop()
            try await pipeline.run(
                pipeline.notifications,
                "TRUNCATE notifications, inbox, consumer_offsets"
            )
            let third = try await pipeline.notifier()
            try await pipeline.until(pipeline.notifications, Self.told, is: 21)
            await third.stop()
        }
    }

    @Test func `a poisoned event is parked, the others go on, and a mended one is replayed`()
        async throws
    {
        try await EventPipeline.run { pipeline in
            let messages =
                [EventPipeline.ended("a"), EventPipeline.ended(nil), EventPipeline.ended("b")]
                + [EventPipeline.ended("c", version: 9)]
            try await pipeline.publish(messages)
            let notifier = try await pipeline.notifier()
            let parked = "SELECT count(*) FROM dead_letters"
            try await pipeline.until(pipeline.notifications, parked, is: 2)
            try await pipeline.until(pipeline.notifications, Self.told, is: 2)
            let list = try await pipeline.get(notifier, "/dead-letters")
            let letters = try #require(list.body["dead_letters"]?.arrayValue)
            let poisoned = try #require(letters.first { $0["event"] == .string(messages[1].id) })
            let tries = try #require(poisoned["tries"]?.integerValue)
            #expect(tries == Int64(EventConsumer.triesMax))
            #expect(poisoned["reason"]?.stringValue?.contains("customer") == true)
            let newer = try #require(letters.first { $0["event"] == .string(messages[3].id) })
            #expect(newer["reason"]?.stringValue?.contains("version 9") == true)
            let id = try #require(poisoned["id"]?.integerValue)
            let path = "/dead-letters/\(id)/replay"
            let refused = try await pipeline.get(notifier, path, method: "POST")
            #expect(refused.status == 409)
            try await pipeline.run(
                pipeline.notifications,
                """
                UPDATE dead_letters SET payload = jsonb_set(payload::jsonb, '{customer}', '"d"')
                WHERE id = \(id)
                """
            )
            let replayed = try await pipeline.get(notifier, path, method: "POST")
            #expect(replayed.status == 200)
            #expect(try await pipeline.number(pipeline.notifications, Self.told) == 3)
            let again = try await pipeline.get(notifier, path, method: "POST")
            #expect(again.status == 409)
            await notifier.stop()
        }
    }

    @Test func `a member with an older token has no effect`() async throws {
        try await EventPipeline.run { pipeline in
            let notifier = try await pipeline.notifier()
            // As if another member, which the broker gave a newer token, had been here.
            try await pipeline.run(
                pipeline.notifications,
                """
                INSERT INTO consumer_offsets (topic, partition, next_offset, token)
                VALUES ('orders', 0, 0, 1000), ('orders', 1, 0, 1000)
                """
            )
            try await pipeline.publish([EventPipeline.ended("a"), EventPipeline.ended("b")])
            try await pipeline.until(
                pipeline.broker,
                "SELECT count(*) FROM broker_log",
                is: 2
            )
            // The test waits for the consumer's own account of its failures: it has tried.
            for _ in 0..<200 {
                let metrics = try await pipeline.client.request(
                    "GET",
                    url: notifier.url + "/metrics",
                    timeout: .seconds(5)
                )
                let text = String(decoding: metrics.body, as: UTF8.self)
                if !text.contains("consumer_retries_total 0\n") { break }
                try await Loop.current?.sleep(for: .milliseconds(20))
            }
            #expect(try await pipeline.number(pipeline.notifications, Self.told) == 0)
            try await pipeline.run(
                pipeline.notifications,
                "UPDATE consumer_offsets SET token = 0"
            )
            try await pipeline.until(pipeline.notifications, Self.told, is: 2)
            await notifier.stop()
        }
    }

    @Test func `one relay works at a time, and the next begins where it ended`() async throws {
        try await EventPipeline.run { pipeline in
            let first = try await pipeline.relay("orders-relay")
            try await pipeline.place(5)
            try await pipeline.until(pipeline.orders, Self.waiting, is: 0)
            let second = try await pipeline.relay("orders-relay-2")
            try await pipeline.place(5)
            try await pipeline.until(pipeline.orders, Self.waiting, is: 0)
            let tokens = "SELECT count(DISTINCT token) FROM broker_log"
            #expect(try await pipeline.number(pipeline.broker, tokens) == 1)
            await first.stop()
            try await pipeline.place(5)
            try await pipeline.until(pipeline.orders, Self.waiting, is: 0)
            #expect(try await pipeline.number(pipeline.broker, tokens) == 2)
            let all = "SELECT count(*) FROM broker_log"
            #expect(try await pipeline.number(pipeline.broker, all) == 60)
            await second.stop()
        }
    }

    @Test func `the read model adds up, and a reader who wrote sees what was written`()
        async throws
    {
        try await EventPipeline.run { pipeline in
            let relay = try await pipeline.relay()
            let projector = try await pipeline.projection()
            try await pipeline.place(30, customer: "eve")
            let connection = try await PostgresConnection.connect(pipeline.orders.socketConninfo)
            let id = try await connection.query("SELECT id FROM orders LIMIT 1").first?.text(at: 0)
            connection.close()
            let order = try await pipeline.get(
                projector,
                "/orders/\(try #require(id))?min_version=4&wait=10s"
            )
            #expect(order.status == 200)
            #expect(order.body["state"] == "confirmed")
            #expect(order.body["stale"] == false)
            #expect(order.body["moments"]?.arrayValue?.count == 4)
            let late = try await pipeline.get(
                projector,
                "/orders/\(try #require(id))?min_version=5&wait=1ms"
            )
            #expect(late.body["stale"] == true)
            try await pipeline.until(
                pipeline.projector,
                "SELECT events FROM dashboard WHERE type = 'order-confirmed'",
                is: 30
            )
            let eve = try await pipeline.get(projector, "/customers/eve")
            #expect(eve.body["confirmed"] == 30)
            #expect(eve.body["spent_cents"] == 15_000)
            let dashboard = try await pipeline.get(projector, "/dashboard")
            #expect(dashboard.body["events"]?["order-placed"]?["count"] == 30)
            #expect(dashboard.body["staleness_ms"]?.integerValue != nil)
            await projector.stop()
            await relay.stop()
        }
    }
}
