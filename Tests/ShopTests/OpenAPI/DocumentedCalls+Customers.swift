import HTTP
import JSON
import ShopCore
import Testing

// What customers do, at the gateway and at orders.
extension DocumentedCalls {
    private static let nobody = "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90"

    private func get(_ role: ShopRole, _ target: String) -> DocumentedRequest {
        DocumentedRequest(role, "GET", target)
    }

    private func place(
        _ role: ShopRole,
        _ key: String,
        _ order: OrderRequest = TestShop.order
    ) -> DocumentedRequest {
        DocumentedRequest(role, "POST", "/orders", key: key, order.json)
    }

    /// Places an order and waits for its end.
    @discardableResult
    func settled(_ request: DocumentedRequest, _ state: String) async throws -> String {
        let placed = try await call(request, 202)
        let id = try #require(placed["order"]?.stringValue)
        let seen = try await call(get(.gateway, "/orders/\(id)?wait=20s"), 200)
        #expect(seen["state"]?.stringValue == state)
        return id
    }

    /// Returns a confirmed order.
    func customers() async throws -> String {
        let id = try await settled(place(.gateway, "c-1"), "confirmed")
        var order = TestShop.order
        order.amountCents = ChargeRequest.declinedAmountCents
        try await settled(place(.gateway, "c-2", order), "cancelled")
        order = OrderRequest(customer: "c-2", sku: "sku-rare", quantity: 6, amountCents: 1)
        try await settled(place(.orders, "c-3", order), "cancelled")
        // The bounds themselves are within.
        order.customer = String(repeating: "c", count: 200)
        (order.sku, order.quantity, order.amountCents) = ("sku-02", 1000, 1_000_000_000)
        try await settled(place(.gateway, "c-4", order), "confirmed")
        for role in [ShopRole.gateway, .orders] {
            #expect(try await call(place(role, "c-1"), 202)["order"] == .string(id))
            try await call(place(role, "c-1", order), 422)
            try await call(get(role, "/orders/\(id)"), 200)
            try await call(get(role, "/orders/\(Self.nobody)"), 404)
            try await call(get(role, "/orders/nonsense"), 404)
            try await call(get(role, "/orders/\(id)?wait=soon"), 400)
        }
        try await several(id)
        try await admission(id)
        return id
    }

    private func several(_ id: String) async throws {
        let ids = "/orders?ids=\(id),\(Self.nobody)"
        let found = try await call(get(.orders, ids), 200)
        #expect(found["orders"]?.arrayValue?.count == 1)
        try await call(get(.orders, ids + "&over=true"), 200)
        try await call(get(.orders, "/orders?ids=nonsense"), 400)
        try await call(get(.orders, "/orders"), 400)
        let fresh = try await call(get(.orders, "/endings"), 200)
        #expect(fresh["missed"] == true)
        let feed = try #require(fresh["feed"]?.stringValue)
        let told = try await call(get(.orders, "/endings?feed=\(feed)&from=0&wait=1s"), 200)
        #expect(told["orders"]?.arrayValue?.isEmpty == false)
        try await call(get(.orders, "/endings?wait=soon"), 400)
    }

    /// Clients that the gateway does not know, and one that comes too often.
    private func admission(_ id: String) async throws {
        for sample in Self.gatewaySamples(id) {
            try await call(sample.with(ShopHeaders.apiKey, "nobody"), 401)
            _ = try await call(sample.with(ShopHeaders.apiKey, "slow")) { response, _ in
                response.status == 429
            }
        }
    }
}

// Sagas that do not move.
extension DocumentedCalls {
    func sagas() async throws {
        try await shop.setLink("orders->inventory", enabled: false)
        let cancelled = try #require(
            try await call(place(.orders, "s-1"), 202)["order"]?.stringValue
        )
        try await call(get(.orders, "/sagas?older_ms=soon"), 400)
        let list = try await call(get(.orders, "/sagas?older_ms=0"), 200)
        #expect(list["sagas"]?.arrayValue?.isEmpty == false)
        try await call(get(.orders, "/sagas/\(cancelled)"), 200)
        try await call(get(.orders, "/sagas/\(Self.nobody)"), 404)
        try await call(resolve(cancelled, "retry"), 200)
        try await call(resolve(cancelled, "cancel"), 200)
        try await shop.setLink("orders->inventory", enabled: true)
        let over = try await call(get(.orders, "/orders/\(cancelled)?wait=20s"), 200)
        #expect(over["state"] == "cancelled")
        let story = try await call(get(.orders, "/sagas/\(cancelled)"), 200)
        #expect(story["resolutions"]?.arrayValue?.count == 2)
        try await call(resolve(cancelled, "retry"), 409)
        try await call(resolve(Self.nobody, "cancel"), 404)
        try await given()
    }

    /// An order that is given up while nobody knows whether it was charged.
    private func given() async throws {
        try await shop.setLink("payments->processor", enabled: false)
        let id = try #require(try await call(place(.orders, "s-2"), 202)["order"]?.stringValue)
        let payment = get(.payments, "/payments/order-\(id)")
        _ = try await call(payment) { _, body in body["state"] == "pending" }
        try await call(resolve(id, "cancel"), 409)
        #expect(try await call(resolve(id, "fail"), 200)["state"] == "failed")
        try await shop.setLink("payments->processor", enabled: true)
    }

    private func resolve(_ id: String, _ action: String) -> DocumentedRequest {
        DocumentedRequest(
            .orders,
            "POST",
            "/sagas/\(id)/resolve",
            ["action": .string(action), "reason": "a test", "author": "tests"]
        )
    }
}
