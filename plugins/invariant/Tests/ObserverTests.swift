import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import Postgres
import PostgresServer
import Testing

@testable import FaultInvariant

/// The tables that the observer reads, as the shop makes them, and one sound order.
private let schema = """
    CREATE TABLE orders (id uuid PRIMARY KEY, idempotency_key text UNIQUE, sku text,
        quantity int, amount_cents bigint, state text,
        created_at timestamptz DEFAULT clock_timestamp(), reason text);
    CREATE TABLE outbox (sequence bigserial, order_id uuid, type text, attempts int,
        sent_at timestamptz);
    CREATE TABLE order_history (order_id uuid, sequence int, state text,
        at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE stock (sku text PRIMARY KEY, opening int, available int);
    CREATE TABLE reservations (id uuid PRIMARY KEY, order_id uuid, sku text, quantity int,
        state text, created_at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE payments (idempotency_key text PRIMARY KEY, order_id uuid, amount_cents bigint,
        state text, charge_id text);
    CREATE TABLE charges (id text PRIMARY KEY, idempotency_key text UNIQUE, order_id uuid,
        amount_cents bigint, created_at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE refunds (id text PRIMARY KEY, idempotency_key text UNIQUE, charge_id text,
        order_id uuid, amount_cents bigint, created_at timestamptz DEFAULT clock_timestamp());
    INSERT INTO orders VALUES ('00000000-0000-0000-0000-00000000000a', 'key-a', 'tea', 2, 500,
        'confirmed', '2026-11-20 10:00:00.000001+00');
    INSERT INTO order_history VALUES
        ('00000000-0000-0000-0000-00000000000a', 4, 'confirmed', '2026-11-20 10:00:02+00'),
        ('00000000-0000-0000-0000-00000000000a', 2, 'reserved', '2026-11-20 10:00:01.1+00'),
        ('00000000-0000-0000-0000-00000000000a', 3, 'captured', '2026-11-20 10:00:01.6+00'),
        ('00000000-0000-0000-0000-00000000000a', 1, 'pending', '2026-11-20 10:00:01+00');
    INSERT INTO outbox (order_id, type, attempts, sent_at) VALUES
        ('00000000-0000-0000-0000-00000000000a', 'charge', 2, '2026-11-20 10:00:01.5+00');
    INSERT INTO stock VALUES ('tea', 10, 8);
    INSERT INTO reservations VALUES ('00000000-0000-0000-0000-0000000000a1',
        '00000000-0000-0000-0000-00000000000a', 'tea', 2, 'confirmed');
    INSERT INTO payments VALUES ('pay-a', '00000000-0000-0000-0000-00000000000a', 500,
        'captured', 'ch-1');
    INSERT INTO charges VALUES ('ch-1', 'pay-a', '00000000-0000-0000-0000-00000000000a', 500,
        '2026-11-20 10:00:01.5+00');
    CREATE TABLE ledger_entries (id bigserial, payment text, order_id uuid, kind text, debit text,
        credit text, amount_cents bigint, transaction xid8 DEFAULT pg_current_xact_id());
    CREATE TABLE ledger_balances (account text, debits bigint, credits bigint);
    CREATE TABLE ledger_position (horizon xid8);
    CREATE TABLE event_outbox (sequence bigserial, key text, type text,
        at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE broker_partitions (topic text, partition int, next_offset bigint);
    CREATE TABLE broker_log (topic text, partition int, log_offset bigint, id uuid, key text,
        type text, token bigint, published_at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE consumer_offsets (topic text, partition int, next_offset bigint);
    CREATE TABLE dead_letters (id bigserial, key text, type text, tries int, reason text,
        replayed_at timestamptz);
    CREATE TABLE notifications (id bigserial, order_id uuid, outcome text,
        sent_at timestamptz DEFAULT clock_timestamp());
    CREATE TABLE order_views (order_id uuid, customer text, sku text, quantity int,
        amount_cents bigint, state text, version int, reason text);
    CREATE TABLE order_moments (order_id uuid, type text);
    CREATE TABLE customer_totals (customer text, placed bigint, confirmed bigint,
        cancelled bigint, spent_cents bigint);
    CREATE TABLE dashboard (type text, events bigint);
    """

/// The books of the sound order, and what the event side made of it; some events came twice.
private let sequel = """
    INSERT INTO ledger_entries (payment, order_id, kind, debit, credit, amount_cents) VALUES
        ('pay-a', '00000000-0000-0000-0000-00000000000a', 'authorisation', 'customers', 'held', 500),
        ('pay-a', '00000000-0000-0000-0000-00000000000a', 'capture', 'held', 'sales', 500);
    INSERT INTO ledger_position SELECT max(transaction::text::bigint + 1)::text::xid8
        FROM ledger_entries;
    INSERT INTO ledger_balances VALUES ('customers', 500, 0), ('held', 500, 500), ('sales', 0, 500);
    INSERT INTO broker_partitions VALUES ('orders', 0, 7), ('inventory', 0, 1), ('payments', 0, 1);
    INSERT INTO broker_log SELECT 'orders', 0, n - 1,
        ('00000000-0000-0000-0000-0000000000b' || id)::uuid,
        '00000000-0000-0000-0000-00000000000a', type, CASE WHEN n < 4 THEN 1 ELSE 2 END
    FROM (VALUES (1, 1, 'order-placed'), (2, 2, 'order-reserved'), (3, 3, 'order-captured'),
        (4, 2, 'order-reserved'), (5, 3, 'order-captured'), (6, 4, 'order-confirmed'),
        (7, 4, 'order-confirmed')) AS e(n, id, type);
    INSERT INTO broker_log SELECT topic, 0, 0, id::uuid, '00000000-0000-0000-0000-00000000000a',
        type, 1 FROM (VALUES
        ('inventory', '00000000-0000-0000-0000-0000000000c1', 'stock-confirmed'),
        ('payments', '00000000-0000-0000-0000-0000000000c2', 'payment-captured'))
        AS e(topic, id, type);
    INSERT INTO consumer_offsets VALUES ('orders', 0, 7);
    INSERT INTO order_moments SELECT '00000000-0000-0000-0000-00000000000a', type
    FROM unnest(ARRAY['order-placed', 'order-reserved', 'order-captured', 'order-confirmed',
        'stock-confirmed', 'payment-captured']) AS type;
    INSERT INTO order_views VALUES ('00000000-0000-0000-0000-00000000000a', 'ann', 'tea', 2, 500,
        'confirmed', 4);
    INSERT INTO customer_totals VALUES ('ann', 1, 1, 0, 500);
    INSERT INTO dashboard SELECT type, count(*) FROM order_moments GROUP BY type;
    INSERT INTO notifications (order_id, outcome)
        VALUES ('00000000-0000-0000-0000-00000000000a', 'confirmed');
    """

@Suite struct ObserverTests {
    /// Runs a body on a loop with one real database that plays all four.
    private func withShop<Value: Sendable>(
        _ script: String = "",
        _ body: @escaping @Sendable (StepContext, String) async throws -> Value
    ) async throws -> Value {
        let database = try await SharedCluster.instance().database()
        let loop = try Loop.start(label: "invariant plugin test")
        defer { loop.stop() }
        return try await loop.spawn {
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            try await connection.simple(schema + sequel + script)
            connection.close()
            var context = StepContext(runID: "r")
            context.system = SystemDescription(
                name: "shop",
                services: [],
                links: [],
                databases: ShopObserver.Source.allCases.map {
                    .init(service: $0.rawValue, observer: database.socketConninfo)
                }
            )
            return try await body(context, database.socketConninfo)
        }.value
    }

    @Test func `an observation has everything that is in the tables`() async throws {
        let seen = try await withShop { context, _ in
            try await ShopObserver(context).observe(history: nil)
        }
        let id = "00000000-0000-0000-0000-00000000000a"
        #expect(seen.orders.map(\.id) == [id])
        #expect(seen.orders.first?.createdAt == "2026-11-20T10:00:00.000001Z")
        #expect(
            seen.orders.first?.history.map(\.state) == [
                "pending", "reserved", "captured", "confirmed",
            ]
        )
        #expect(
            seen.commands == [
                .init(order: id, type: "charge", attempts: 2, ageMilliseconds: 1500)
            ]
        )
        #expect(seen.stock == [.init(sku: "tea", opening: 10, available: 8)])
        #expect(seen.reservations.map(\.state) == ["confirmed"])
        #expect(
            seen.payments == [
                .init(key: "pay-a", order: id, cents: 500, state: "captured", charge: "ch-1")
            ]
        )
        #expect(
            seen.charges == [
                .init(
                    id: "ch-1",
                    key: "pay-a",
                    order: id,
                    cents: 500,
                    at: "2026-11-20T10:00:01.500000Z"
                )
            ]
        )
    }

    @Test func `all invariants hold in a sound shop`() async throws {
        let output = try await withShop { context, _ in try await HoldsProbe().read(context) }
        #expect(output["holds"] == true)
        let names = output["invariants"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        // There is no history, so that what clients were told cannot be judged.
        let untold: Set = [
            "acknowledged-order-exists", "same-key-same-answer", "key-reuse-refused",
            "told-outcome-stands", "refused-left-no-effect",
            // And no order is cancelled, no money given back, and no event parked.
            "cancelled-for-a-reason", "no-double-refund", "refund-within-charge",
            "parked-with-reason",
        ]
        #expect(names == allInvariants.map(\.name).filter { !untold.contains($0) })
    }

    @Test func `the way of an order's events is seen from the log to the notification`()
        async throws
    {
        let seen = try await withShop("INSERT INTO event_outbox (key, type) VALUES ('k', 't')") {
            context,
            _ in try await ShopObserver(context).observe(history: nil).events
        }
        let events = try #require(seen)
        let log = try #require(events.log)
        let trail = try #require(log.trails.first { $0.topic == "orders" })
        #expect(
            trail.types == ["order-placed", "order-reserved", "order-captured", "order-confirmed"]
        )
        #expect(trail.partitions == [0] && trail.repeats == 3)
        #expect(log.tenures.filter { $0.topic == "orders" }.map(\.token) == [1, 2])
        #expect(log.partitions.map(\.count) == [1, 7, 1])
        #expect(events.pending.map(\.type) == ["t", "t", "t"])
        #expect(events.notifications.map(\.outcome) == ["confirmed"])
        #expect(events.moments.count == 6 && events.views.map(\.version) == [4])
    }

    @Test func `settled waits for the last event`() async throws {
        let script = "DELETE FROM notifications"
        let outputs = try await withShop(script) { context, conninfo in
            var short = context
            short.arguments = ["within": 250.0]
            let late = try await SettledProbe().read(short)
            let connection = try await PostgresConnection.connect(conninfo)
            defer { connection.close() }
            try await connection.simple(
                "INSERT INTO notifications (order_id, outcome) SELECT id, state FROM orders"
            )
            return [late, try await SettledProbe().read(short)]
        }
        #expect(outputs == [false, true])
    }

    @Test func `while the load runs, all means those that hold at every moment`() async throws {
        let output = try await withShop("UPDATE orders SET state = 'captured'") { context, _ in
            var context = context
            context.phase = .during
            return try await HoldsProbe().read(context)
        }
        let names = output["invariants"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        #expect(names.contains("no-double-charge-per-order"))
        #expect(!names.contains("saga-terminal") && !names.contains("money-conserved"))
    }

    @Test func `a second charge is found and told with both charge ids`() async throws {
        let output = try await withShop(
            """
            INSERT INTO charges VALUES ('ch-2', 'pay-b', '00000000-0000-0000-0000-00000000000a',
                500, '2026-11-20 10:00:03+00');
            """
        ) { context, _ in
            var context = context
            context.arguments = ["invariants": ["no-double-charge-per-order"]]
            return try await HoldsProbe().read(context)
        }
        #expect(output["holds"] == false)
        let result = output["invariants"]?[0]
        #expect(result?["violations"] == 1)
        #expect(result?["witnesses"]?[0]?["charges"] == ["ch-1", "ch-2"])
    }

    @Test func `a second refund is found and told with both`() async throws {
        let output = try await withShop(
            """
            INSERT INTO refunds VALUES
                ('re-1', 'k-1', 'ch-1', '00000000-0000-0000-0000-00000000000a', 500, '2026-11-20'),
                ('re-2', 'k-2', 'ch-1', '00000000-0000-0000-0000-00000000000a', 500, '2026-11-21');
            """
        ) { context, _ in
            var context = context
            context.arguments = ["invariants": ["no-double-refund", "refund-within-charge"]]
            return try await HoldsProbe().read(context)
        }
        #expect(output["holds"] == false)
        let results = output["invariants"]?.arrayValue ?? []
        #expect(
            results.map { $0["witnesses"]?[0]?["reason"] } == [
                "given back 2 times", "charged 500 cents, given back 1000",
            ]
        )
        let refunds = results.first?["witnesses"]?[0]?["refunds"]?.arrayValue
        #expect(refunds?.map { $0["refund"] } == ["re-1", "re-2"])
        #expect(refunds?.map { $0["key"] } == ["k-1", "k-2"])
    }

    @Test func `what clients were told is compared with what is stored`() async throws {
        struct History: HistorySource {
            func replies() -> [ClientReply] {
                [
                    .init(
                        operation: "placement",
                        kind: .ok,
                        key: "k",
                        order: "lost",
                        at: Timestamp(microseconds: 1)
                    )
                ]
            }
        }
        let output = try await withShop { context, _ in
            var context = context
            context.history = History()
            return try await HoldsProbe().read(context)
        }
        #expect(output["holds"] == false)
    }

    @Test func `settled is true at once when no order is under way`() async throws {
        let output = try await withShop { context, _ in try await SettledProbe().read(context) }
        #expect(output == true)
    }

    @Test func `settled waits for the last order and gives up in time`() async throws {
        let script = "UPDATE orders SET state = 'captured'"
        let outputs = try await withShop(script) { context, conninfo in
            var short = context
            short.arguments = ["within": 250.0]
            let late = try await SettledProbe().read(short)
            guard let loop = Loop.current else { preconditionFailure("on a loop") }
            let settling = loop.spawn { try await SettledProbe().read(context) }
            let connection = try await PostgresConnection.connect(conninfo)
            defer { connection.close() }
            try await connection.simple("UPDATE orders SET state = 'cancelled'")
            return [late, try await settling.value]
        }
        #expect(outputs == [false, true])
    }

    @Test func `an unknown invariant is refused with the list of those there are`() async throws {
        let error = await #expect(throws: InvariantError.self) {
            try await withShop { context, _ in
                var context = context
                context.arguments = ["invariants": ["no-such"]]
                return try await HoldsProbe().read(context)
            }
        }
        #expect(error?.description.contains("money-conserved") == true)
    }

    @Test func `without an observer nothing is judged`() async throws {
        let error = await #expect(throws: InvariantError.self) {
            try await withShop { context, _ in
                var context = context
                context.system?.databases[0].observer = nil
                return try await HoldsProbe().read(context)
            }
        }
        #expect(error?.description.contains("has no observer") == true)
    }

    @Test func `naming an invariant of the history without a load is an error, never a pass`()
        async throws
    {
        let error = await #expect(throws: InvariantError.self) {
            try await withShop { context, _ in
                var context = context
                context.arguments = ["invariants": "acknowledged-order-exists"]
                return try await HoldsProbe().read(context)
            }
        }
        #expect(error?.description.contains("no load runs") == true)
    }
}
