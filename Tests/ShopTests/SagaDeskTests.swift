import HTTP
import JSON
import Postgres
import ShopCore
import Testing

@testable import ShopOrders

/// People and sagas that do not move, against real services.
@Suite(.timeLimit(.minutes(3))) struct SagaDeskTests {
    private static func resolve(
        _ shop: TestShop,
        _ id: String,
        _ action: String
    ) async throws -> (status: Int, body: JSONValue) {
        let body: JSONValue = [
            "action": .string(action), "reason": "the customer called", "author": "ann",
        ]
        let response = try await shop.client.request(
            "POST",
            url: "\(shop.services[.orders]?.url ?? "")/sagas/\(id)/resolve",
            headers: ["Content-Type": "application/json"],
            body: Array(body.serialized().utf8),
            timeout: .seconds(10)
        )
        return (response.status, try JSONValue.parse(response.body))
    }

    private static func look(_ shop: TestShop, _ path: String) async throws -> JSONValue {
        let url = (shop.services[.orders]?.url ?? "") + path
        let response = try await shop.client.request("GET", url: url, timeout: .seconds(10))
        return try JSONValue.parse(response.body)
    }

    @Test
    func `an order that nobody charged can be cancelled by hand, and no late charge strikes it`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("orders->inventory", enabled: false)
            let id = try await shop.place(TestShop.order, key: "stuck-1")
            let list = try await Self.look(shop, "/sagas?older_ms=0")
            #expect(list["sagas"]?.arrayValue?.first?["order"]?.stringValue == id)
            let answer = try await Self.resolve(shop, id, "cancel")
            #expect(answer.status == 200)
            try await shop.setLink("orders->inventory", enabled: true)
            #expect(try await shop.settled(id)["state"]?.stringValue == "cancelled")
            let late = try await shop.client.request(
                "POST",
                url: "\(shop.services[.payments]?.url ?? "")/payments",
                headers: ["Idempotency-Key": "order-\(id)", "Content-Type": "application/json"],
                body: Array(
                    ChargeRequest(order: id, amountCents: TestShop.order.amountCents).json
                        .serialized().utf8
                ),
                timeout: .seconds(10)
            )
            #expect(late.status == 402)
            #expect(try await shop.count(.processor, "SELECT count(*) AS n FROM charges") == 0)
            #expect(try await shop.count(.inventory, TestShop.stockGap) == 0)
            let shown = try await Self.look(shop, "/sagas/\(id)")
            let decision = shown["resolutions"]?.arrayValue?.first
            #expect(decision?["action"] == "cancel")
            #expect(decision?["author"] == "ann")
            #expect(decision?["reason"] == "the customer called")
        }
    }

    @Test func `an order that was charged, or may have been, cannot be cancelled by hand`()
        async throws
    {
        try await TestShop.run { shop in
            let done = try await shop.place(TestShop.order, key: "done-1")
            #expect(try await shop.settled(done)["state"]?.stringValue == "confirmed")
            #expect(try await Self.resolve(shop, done, "cancel").status == 409)
            try await shop.setLink("payments->processor", enabled: false)
            let id = try await shop.place(TestShop.order, key: "maybe-1")
            try await shop.until(
                .payments,
                "SELECT count(*) AS n FROM payments WHERE state = 'pending'"
            ) { $0 == 1 }
            #expect(try await Self.resolve(shop, id, "cancel").status == 409)
            try await shop.setLink("payments->processor", enabled: true)
            #expect(try await shop.settled(id)["state"]?.stringValue == "confirmed")
            try await shop.expectInvariants(confirmed: 2)
        }
    }

    @Test func `a command that was lost is sent again by hand`() async throws {
        try await TestShop.run { shop in
            try await shop.setLink("orders->payments", enabled: false)
            let id = try await shop.place(TestShop.order, key: "lost-1")
            let charges = "SELECT count(*) AS n FROM outbox WHERE type = 'charge'"
            try await shop.until(.orders, charges) { $0 == 1 }
            try await shop.run(
                .orders,
                "UPDATE outbox SET sent_at = clock_timestamp() WHERE type = 'charge'"
            )
            let retried = try await Self.resolve(shop, id, "retry")
            #expect(retried.body["state"] == "reserved")
            try await shop.setLink("orders->payments", enabled: true)
            #expect(try await shop.settled(id)["state"]?.stringValue == "confirmed")
            try await shop.expectInvariants(confirmed: 1)
        }
    }

    @Test func `an order handed to a person is over, and its command is given up`() async throws {
        try await TestShop.run { shop in
            try await shop.setLink("orders->inventory", enabled: false)
            let id = try await shop.place(TestShop.order, key: "person-1")
            #expect(try await Self.resolve(shop, id, "fail").status == 200)
            #expect(try await shop.settled(id)["state"]?.stringValue == "failed")
            #expect(try await Self.resolve(shop, id, "retry").status == 409)
            let open = "SELECT count(*) AS n FROM outbox WHERE sent_at IS NULL"
            #expect(try await shop.count(.orders, open) == 0)
        }
    }
}
