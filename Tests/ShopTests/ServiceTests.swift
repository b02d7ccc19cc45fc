import EventLoop
import HTTP
import JSON
import Postgres
import ShopCore
import ShopProcessor
import Testing

@testable import ShopOrders

/// The chassis and the gateway.
@Suite(.timeLimit(.minutes(2)))
struct ServiceTests {
    private static func get(
        _ shop: TestShop,
        _ role: ShopRole,
        _ path: String,
        headers: HTTPHeaders = [:]
    ) async throws -> HTTPResponse {
        try await shop.client.request(
            "GET",
            url: (shop.services[role]?.url ?? "") + path,
            headers: headers,
            timeout: .seconds(10)
        )
    }

    @Test func `every service tells its health and its metrics`() async throws {
        try await TestShop.run { shop in
            for role in ShopRole.allCases where !role.isOfEvents {
                #expect(try await Self.get(shop, role, "/health").status == 200)
                let metrics = try await Self.get(shop, role, "/metrics")
                let text = String(decoding: metrics.body, as: UTF8.self)
                #expect(
                    text.contains(
                        "http_requests_total{route=\"GET /health\",status=\"2xx\"} 1\n"
                    )
                )
                #expect(try await Self.get(shop, role, "/nothing").status == 404)
            }
        }
    }

    @Test func `a service without its database is not healthy, and is again afterwards`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("inventory->inventory-db", enabled: false)
            let ill = try await Self.get(shop, .inventory, "/health")
            #expect(ill.status == 503)
            #expect(ill.headers["Retry-After"] == "1")
            try await shop.setLink("inventory->inventory-db", enabled: true)
            #expect(try await Self.get(shop, .inventory, "/health").status == 200)
        }
    }

    @Test func `the gateway refuses what is no order, says why, and forwards nothing`()
        async throws
    {
        try await TestShop.run { shop in
            let url = shop.gateway + "/orders"
            let body = Array(TestShop.order.json.serialized().utf8)
            let noKey = try await shop.client.request(
                "POST",
                url: url,
                body: body,
                timeout: .seconds(5)
            )
            #expect(noKey.status == 400)
            let noOrder = try await shop.client.request(
                "POST",
                url: url,
                headers: ["Idempotency-Key": "k"],
                body: Array(#"{"customer":"c"}"#.utf8),
                timeout: .seconds(5)
            )
            #expect(noOrder.status == 400)
            #expect(String(decoding: noOrder.body, as: UTF8.self).contains("amount_cents"))
            #expect(try await Self.get(shop, .gateway, "/orders/nonsense").status == 404)
            let unknown = "/orders/3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90"
            #expect(try await Self.get(shop, .gateway, unknown).status == 404)
            #expect(try await Self.get(shop, .gateway, unknown + "?wait=soon").status == 400)
            #expect(try await shop.count(.orders, "SELECT count(*) AS n FROM orders") == 0)
        }
    }

    @Test func `the gateway knows its clients and their rates`() async throws {
        try await TestShop.run { shop in
            let path = "/orders/3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90"
            let known = try await Self.get(shop, .gateway, path, headers: ["X-Api-Key": "demo"])
            #expect(known.status == 404)
            let other = try await Self.get(shop, .gateway, path, headers: ["X-Api-Key": "other"])
            #expect(other.status == 401)
        }
    }

    @Test func `the gateway answers 503 with Retry-After while orders are away`() async throws {
        try await TestShop.run { shop in
            try await shop.setLink("gateway->orders", enabled: false)
            for number in 0..<20 {
                let answer = try await shop.post(TestShop.order, key: "k-\(number)")
                #expect(answer.status == 503)
            }
            try await shop.setLink("gateway->orders", enabled: true)
            let id = try await shop.place(TestShop.order, key: "k")
            #expect(try await shop.settled(id)["state"] == "confirmed")
        }
    }

    @Test func `a drain answers long polls at once`() async throws {
        try await TestShop.run { shop in
            try await shop.setLink("orders->inventory", enabled: false)
            let id = try await shop.place(TestShop.order, key: "k")
            let orders = try #require(shop.services[.orders])
            async let poll = shop.client.request(
                "GET",
                url: "\(orders.url)/orders/\(id)?wait=30s",
                timeout: .seconds(20)
            )
            try await (orders.service as? OrdersService)?.isAwaited(id)
            await orders.stop()
            let response = try await poll
            #expect(response.status == 200)
            #expect(try JSONValue.parse(response.body)["state"] == "pending")
        }
    }
}

extension OrdersService {
    /// Waits until somebody polls for the order.
    func isAwaited(_ id: String) async throws {
        for _ in 0..<500 where !wakeups.names.contains(id) {
            try await Loop.current?.sleep(for: .milliseconds(5))
        }
    }
}
