import EventLoop
import HTTP
import JSON
import Postgres
import ShopCore
import Testing

/// Orders that were charged and cannot be sold: their money is given back, once.
@Suite(.timeLimit(.minutes(3)))
struct RefundTests {
    private static let refunds = "SELECT count(*) AS n FROM refunds"
    private static let captured = "SELECT count(*) AS n FROM orders WHERE state = 'captured'"
    /// What an expiry of holds would do.
    private static let loseHolds = """
        WITH lost AS (
            UPDATE reservations SET state = 'released' WHERE state = 'held'
            RETURNING sku, quantity
        )
        UPDATE stock SET available = available + back.quantity
        FROM (SELECT sku, sum(quantity)::int AS quantity FROM lost GROUP BY sku) AS back
        WHERE stock.sku = back.sku
        """

    /// Places orders and returns them when they are captured and no sale gets through.
    private static func capturedOrders(_ count: Int, _ shop: TestShop) async throws -> [String] {
        try await shop.addToxic(
            "orders->inventory",
            ["name": "unsold", "type": "http_abort", "match": ["path": "/confirm$"]]
        )
        let ids = try await shop.placeMany(count, prefix: "back")
        try await shop.until(.orders, captured) { $0 == Int64(count) }
        return ids
    }

    /// Has both databases note events, though no relay takes them.
    private static func noteEvents(_ shop: TestShop) async throws {
        for (role, database) in [(ShopRole.orders, ShopDatabase.orders), (.payments, .payments)] {
            try await #require(shop.observers[role]).withConnection { connection in
                try await connection.simple(database.script(hasEvents: true))
            }
        }
    }

    private static func sell(_ shop: TestShop) async throws {
        try await shop.removeToxic("orders->inventory", "unsold")
    }

    @Test func `an order that loses its hold after the charge gets its money back`() async throws {
        try await TestShop.run { shop in
            try await Self.noteEvents(shop)
            let ids = try await Self.capturedOrders(5, shop)
            try await shop.run(.inventory, Self.loseHolds)
            try await Self.sell(shop)
            #expect(try await shop.settledMany(ids) == ["cancelled": 5])
            try await shop.expectInvariants(confirmed: 0, cancelled: 5, refunded: 5)
            let order = try await shop.settled(ids[0])
            #expect(order["reason"] == "the hold was lost after the charge")
            let states = order["history"]?.arrayValue?.compactMap { $0["state"]?.stringValue }
            #expect(
                states == [
                    "pending", "reserved", "captured", "refunding", "compensating", "cancelled",
                ]
            )
            let told = """
                SELECT count(*) AS n FROM event_outbox WHERE type = 'order-cancelled'
                    AND payload ->> 'refunded' = 'true'
                """
            #expect(try await shop.count(.orders, told) == 5)
            let events = "SELECT count(*) AS n FROM event_outbox WHERE type = 'payment-refunded'"
            #expect(try await shop.count(.payments, events) == 5)
            let owed = """
                SELECT coalesce(sum(CASE debit WHEN 'customers' THEN amount_cents
                    ELSE -amount_cents END), 0)::bigint AS n
                FROM ledger_entries WHERE 'customers' IN (debit, credit)
                """
            #expect(try await shop.count(.payments, owed) == 0)
        }
    }

    @Test func `refunds whose answers or commits are lost are made once`() async throws {
        try await TestShop.run { shop in
            let ids = try await Self.capturedOrders(8, shop)
            try await shop.addToxic(
                "payments->processor",
                [
                    "name": "lost", "type": "http_lose_response",
                    "match": ["path": "^/refunds", "first": 10],
                ]
            )
            try await shop.addToxic(
                "payments->payments-db",
                [
                    "name": "unheard", "type": "lose_commit_ack",
                    "match": ["every": 2, "sql": "refund_id"],
                ]
            )
            try await shop.run(.inventory, Self.loseHolds)
            try await Self.sell(shop)
            #expect(try await shop.settledMany(ids) == ["cancelled": 8])
            try await shop.expectInvariants(confirmed: 0, cancelled: 8, refunded: 8)
            let attempts = "SELECT sum(attempts) AS n FROM outbox WHERE type = 'refund'"
            #expect(try await shop.count(.orders, attempts) > 8)
        }
    }

    @Test func `a refund waits for a processor that is away`() async throws {
        try await TestShop.run { shop in
            let ids = try await Self.capturedOrders(2, shop)
            try await shop.setLink("payments->processor", enabled: false)
            try await shop.run(.inventory, Self.loseHolds)
            try await Self.sell(shop)
            let open = "SELECT count(*) AS n FROM payments WHERE state = 'refunding'"
            try await shop.until(.payments, open) { $0 == 2 }
            try await shop.setLink("payments->processor", enabled: true)
            #expect(try await shop.settledMany(ids) == ["cancelled": 2])
            try await shop.expectInvariants(confirmed: 0, cancelled: 2, refunded: 2)
        }
    }

    @Test func `an order that loses its hold before its charge comes through is not charged`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("orders->payments", enabled: false)
            let id = try await shop.place(TestShop.order, key: "early")
            let reserved = "SELECT count(*) AS n FROM orders WHERE state = 'reserved'"
            try await shop.until(.orders, reserved) { $0 == 1 }
            try await shop.run(.inventory, Self.loseHolds)
            // The next attempt affirms the hold, and hears that it is lost.
            let heard = "SELECT count(*) AS n FROM inbox WHERE response ->> 'state' = 'released'"
            try await shop.until(.inventory, heard) { $0 > 0 }
            try await shop.setLink("orders->payments", enabled: true)
            let order = try await shop.settled(id)
            #expect(order["state"] == "cancelled")
            #expect(order["reason"] == "the hold was lost before the charge")
            try await shop.expectInvariants(confirmed: 0, cancelled: 1)
        }
    }

    @Test func `an order that loses its hold while its charge is unknown gets its money back`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.addToxic(
                "payments->processor",
                ["name": "lost", "type": "http_lose_response", "match": ["path": "^/charges"]]
            )
            let id = try await shop.place(TestShop.order, key: "unknown")
            try await shop.until(.processor, "SELECT count(*) AS n FROM charges") { $0 == 1 }
            try await shop.run(.inventory, Self.loseHolds)
            try await shop.removeToxic("payments->processor", "lost")
            #expect(try await shop.settled(id)["state"] == "cancelled")
            try await shop.expectInvariants(confirmed: 0, cancelled: 1, refunded: 1)
        }
    }

    /// Again while inventory is given a pause: sales fail here on purpose.
    private static func cancel(_ shop: TestShop, _ id: String) async throws -> Int {
        let body: JSONValue = ["action": "cancel", "reason": "moved away", "author": "ann"]
        for _ in 0..<200 {
            let status = try await shop.client.request(
                "POST",
                url: "\(shop.services[.orders]?.url ?? "")/sagas/\(id)/resolve",
                headers: ["Content-Type": "application/json"],
                body: Array(body.serialized().utf8),
                timeout: .seconds(10)
            ).status
            if status != 503 { return status }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        throw TestFailure("inventory never says whether the goods are sold")
    }

    @Test func `a captured order is cancelled by hand, with its stock and its money given back`()
        async throws
    {
        try await TestShop.run { shop in
            let id = try await Self.capturedOrders(1, shop)[0]
            #expect(try await Self.cancel(shop, id) == 200)
            // The sale that was on its way all the time comes too late.
            try await Self.sell(shop)
            let order = try await shop.settled(id)
            #expect(order["state"] == "cancelled" && order["reason"] == "moved away")
            #expect(try await Self.cancel(shop, id) == 409)
            try await shop.expectInvariants(confirmed: 0, cancelled: 1, refunded: 1)
        }
    }

    @Test func `an order whose goods are sold is not cancelled by hand`() async throws {
        try await TestShop.run { shop in
            try await shop.addToxic(
                "orders->inventory",
                [
                    "name": "unsold", "type": "http_lose_response",
                    "match": ["path": "/confirm$"],
                ]
            )
            let id = try await shop.place(TestShop.order, key: "sold")
            let sold = "SELECT count(*) AS n FROM reservations WHERE state = 'confirmed'"
            try await shop.until(.inventory, sold) { $0 == 1 }
            #expect(try await Self.cancel(shop, id) == 409)
            try await Self.sell(shop)
            #expect(try await shop.settled(id)["state"] == "confirmed")
            try await shop.expectInvariants(confirmed: 1)
        }
    }

    @Test func `refund-without-key gives the money back twice when answers are lost`() async throws
    {
        try await TestShop.run(mutants: [.refundWithoutKey]) { shop in
            let ids = try await Self.capturedOrders(3, shop)
            try await shop.addToxic(
                "payments->processor",
                [
                    "name": "lost", "type": "http_lose_response",
                    "match": ["path": "^/refunds", "first": 5],
                ]
            )
            try await shop.run(.inventory, Self.loseHolds)
            try await Self.sell(shop)
            #expect(try await shop.settledMany(ids) == ["cancelled": 3])
            #expect(try await shop.count(.processor, TestShop.overRefunds) > 0)
        }
    }

    @Test func `refund-forgotten cancels and keeps the money`() async throws {
        try await TestShop.run(mutants: [.refundForgotten]) { shop in
            let ids = try await Self.capturedOrders(1, shop)
            try await shop.run(.inventory, Self.loseHolds)
            try await Self.sell(shop)
            #expect(try await shop.settledMany(ids) == ["cancelled": 1])
            #expect(try await shop.count(.processor, Self.refunds) == 0)
        }
    }
}
