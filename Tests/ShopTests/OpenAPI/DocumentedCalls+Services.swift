import HTTP
import JSON
import ShopCore
import Testing

// What services ask each other: stock and money.
extension DocumentedCalls {
    func stock() async throws {
        func post(_ path: String, _ message: String, _ body: JSONValue = .null)
            -> DocumentedRequest
        {
            DocumentedRequest(.inventory, "POST", "/reservations" + path, message: message, body)
        }
        let (sold, freed, unknown) = (UUIDText.random(), UUIDText.random(), UUIDText.random())
        let hold = Self.hold(sold)
        for _ in 0..<2 { try await call(post("", "h-1", hold), 200) }
        try await call(post("", "h-2", Self.hold(unknown, sku: "sku-rare", quantity: 900)), 409)
        try await call(post("/\(sold)/confirm", "h-3"), 200)
        try await call(post("/\(sold)/release", "h-4", hold), 409)
        try await call(post("/\(freed)/release", "h-5", Self.hold(freed)), 200)
        try await call(post("/\(freed)/confirm", "h-6"), 409)
        try await call(post("", "h-7", Self.hold(freed)), 409)
        try await call(post("/\(unknown)/confirm", "h-8"), 404)
        try await call(post("/\(unknown)/release", "h-9", hold), 400)
        let look = "/reservations/"
        try await call(DocumentedRequest(.inventory, "GET", look + sold), 200)
        try await call(DocumentedRequest(.inventory, "GET", look + unknown), 404)
        try await statements()
    }

    private func statements() async throws {
        let all = "/statement?after=\(StatementDesk.first)&until=\(StatementDesk.last)&limit=500"
        for role in [ShopRole.orders, .inventory, .payments, .processor, .projector] {
            let page = try await call(DocumentedRequest(role, "GET", all), 200)
            #expect(role == .projector || page["rows"]?.arrayValue?.isEmpty == false, "\(role)")
            try await call(DocumentedRequest(role, "GET", "/statement"), 400)
            try await call(DocumentedRequest(role, "GET", "/statement?orders=x"), 400)
        }
    }

    func money() async throws {
        let order = UUIDText.random()
        func charge(_ cents: Int64) -> JSONValue {
            ChargeRequest(order: order, amountCents: cents).json
        }
        for (role, path) in [(ShopRole.payments, "/payments"), (.processor, "/charges")] {
            func post(_ key: String, _ cents: Int64) -> DocumentedRequest {
                DocumentedRequest(role, "POST", path, key: "\(role)-\(key)", charge(cents))
            }
            for _ in 0..<2 { try await call(post("p-1", 500), 200) }
            try await call(post("p-2", ChargeRequest.declinedAmountCents), 402)
            try await call(post("p-1", 501), 422)
        }
        func get(_ role: ShopRole, _ target: String) -> DocumentedRequest {
            DocumentedRequest(role, "GET", target)
        }
        try await call(get(.processor, "/charges?key=processor-p-1"), 200)
        try await call(get(.processor, "/charges?key=nothing"), 404)
        try await call(get(.processor, "/charges"), 400)
        try await call(get(.payments, "/payments/payments-p-1"), 200)
        try await call(get(.payments, "/payments/payments-p-2"), 200)
        try await call(get(.payments, "/payments/nothing"), 404)
        func post(_ path: String, _ body: JSONValue = .null) -> DocumentedRequest {
            DocumentedRequest(.payments, "POST", path, body)
        }
        try await call(post("/payments/p-void/void", charge(500)), 200)
        try await call(post("/payments/payments-p-1/void", charge(500)), 409)
        try await call(post("/payments/no%20key/void", charge(500)), 404)
        try await call(post("/payments/payments-p-1/ask"), 200)
        try await call(post("/payments/nothing/ask"), 404)
        try await unknownOutcome(charge(700))
        try await call(get(.payments, "/ledger"), 200)
        try await call(post("/ledger/rebuild"), 200)
    }

    private func unknownOutcome(_ charge: JSONValue) async throws {
        let pay = DocumentedRequest(.payments, "POST", "/payments", key: "p-3", charge)
        let ask = DocumentedRequest(.payments, "POST", "/payments/p-3/ask")
        try await shop.setLink("payments->processor", enabled: false)
        try await call(pay, 503)
        try await call(ask, 503)
        let pending = try await call(DocumentedRequest(.payments, "GET", "/payments/p-3"), 200)
        #expect(pending == ["state": "pending"])
        try await shop.setLink("payments->processor", enabled: true)
        // Its breaker may be open for a moment.
        _ = try await call(ask) { response, _ in response.status == 409 }
        try await call(pay, 200)
        try await call(ask, 200)
    }
}

// What is told from events: the read model, what consumers put aside, and the reconciler.
extension DocumentedCalls {
    func readModel(of order: String) async throws {
        let unknown = UUIDText.random()
        func get(_ target: String, _ role: ShopRole = .projector) -> DocumentedRequest {
            DocumentedRequest(role, "GET", target)
        }
        for (role, path) in [
            (ShopRole.projector, "/orders/\(order)"), (.gateway, "/orders/\(order)/history"),
        ] {
            let view = try await call(get(path + "?min_version=4&wait=10s", role), 200)
            #expect(view["stale"] == false)
            let ahead = get(path + "?wait=10ms", role).with(ShopHeaders.minVersion, "9")
            #expect(try await call(ahead, 200)["stale"] == true)
            try await call(get(path + "?min_version=x", role), 400)
            try await call(get(path.replacing(order, with: unknown), role), 404)
            try await call(get("/customers/c-1", role), 200)
            try await call(get("/customers/nobody", role), 404)
            try await call(get("/dashboard", role), 200)
        }
        try await call(get("/customers/a%00b"), 400)
        try await call(get("/orders/\(order)?wait=soon"), 400)
        let rows = try await call(get("/statement?orders=\(order)", .orders), 200)
        var row = try #require(rows["rows"]?[0]?.objectValue)
        try await call(DocumentedRequest(.projector, "POST", "/orders/\(order)", .object(row)), 200)
        row["version"] = 1
        try await call(DocumentedRequest(.projector, "POST", "/orders/\(order)", .object(row)), 409)
        try await withoutReadModel(order)
        try await deadLetters()
    }

    private func withoutReadModel(_ order: String) async throws {
        var configuration = try #require(shop.services[.gateway]).context.configuration
        configuration.peers[.projector] = nil
        let gateway = try await WholeShop.begin(configuration)
        for sample in Self.gatewaySamples(order).suffix(3) {
            try await call(sample.at(gateway.url), 404)
        }
        await gateway.stop()
    }

    /// An event that neither consumer can handle, mended afterwards.
    private func deadLetters() async throws {
        let order = UUIDText.random()
        let payload = """
            {"order":"\(order)","version":4,"state":"confirmed","sku":"sku-01","quantity":1,
            "amount_cents":100,"at":"2026-01-01T00:00:00Z"}
            """
        try await shop.run(
            .orders,
            """
            INSERT INTO event_outbox (key, type, payload)
            VALUES ('\(order)', 'order-confirmed', '\(payload)')
            """
        )
        for (role, database) in [
            (ShopRole.notifications, ShopDatabase.notifications), (.projector, .projector),
        ] {
            let list = DocumentedRequest(role, "GET", "/dead-letters")
            let letters = try await call(list) { _, body in
                body["dead_letters"]?.arrayValue?.isEmpty == false
            }
            let id = try #require(letters["dead_letters"]?[0]?["id"]?.integerValue)
            let replay = DocumentedRequest(role, "POST", "/dead-letters/\(id)/replay")
            try await call(DocumentedRequest(role, "GET", "/dead-letters/\(id)"), 200)
            try await call(DocumentedRequest(role, "GET", "/dead-letters/999"), 404)
            try await call(DocumentedRequest(role, "POST", "/dead-letters/999/replay"), 404)
            try await call(replay, 409)
            try await shop.run(
                database,
                "UPDATE dead_letters SET payload = replace(payload, '{', '{\"customer\":\"c-9\",')"
            )
            try await call(replay, 200)
            try await call(replay, 409)
        }
    }

    /// A charge that nobody ordered is found, and gone when it is gone.
    func conflicts() async throws {
        let order = UUIDText.ordered()
        try await shop.run(
            .processor,
            """
            INSERT INTO charges (id, idempotency_key, order_id, amount_cents)
            VALUES ('ch', 'someone', '\(order)', 5)
            """
        )
        func state(_ body: JSONValue) -> JSONValue? {
            body["conflicts"]?.arrayValue?.first { $0["order"] == .string(order) }?["state"]
        }
        _ = try await call(DocumentedRequest(.reconciler, "GET", "/conflicts")) { _, body in
            state(body) == "open"
        }
        try await shop.run(.processor, "DELETE FROM charges WHERE id = 'ch'")
        let all = DocumentedRequest(.reconciler, "GET", "/conflicts?all=true")
        _ = try await call(all) { _, body in state(body) == "gone" }
    }
}
