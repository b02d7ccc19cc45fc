import EventLoop
import HTTP
import JSON
import Postgres
import ShopCore
import Testing

// What a customer does.
extension TestShop {
    static let order = OrderRequest(customer: "c-1", sku: "sku-01", quantity: 2, amountCents: 1999)

    var gateway: String { services[.gateway]?.url ?? "" }

    /// One `POST /orders`, at the gateway unless another base URL is given.
    func post(
        _ order: OrderRequest,
        key: String,
        at base: String? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        let response = try await client.request(
            "POST",
            url: (base ?? gateway) + "/orders",
            headers: ["Idempotency-Key": key, "Content-Type": "application/json"],
            body: Array(order.json.serialized().utf8),
            timeout: .seconds(10)
        )
        return (response.status, (try? JSONValue.parse(response.body)) ?? .null)
    }

    /// Places an order, with the same key until it is accepted, and returns its number.
    func place(_ order: OrderRequest, key: String, at base: String? = nil) async throws -> String {
        for _ in 0..<200 {
            let answer = try await post(order, key: key, at: base)
            if answer.status == 202, let id = answer.body["order"]?.stringValue { return id }
            try #require(answer.status == 503, "\(answer)")
            try await Loop.current?.sleep(for: .milliseconds(20))
        }
        throw TestFailure("order \(key) was never accepted")
    }

    /// Long-polls until the order is over, and returns its final document.
    func settled(_ id: String, at base: String? = nil) async throws -> JSONValue {
        for _ in 0..<60 {
            let response = try await client.request(
                "GET",
                url: "\(base ?? gateway)/orders/\(id)?wait=1s",
                timeout: .seconds(10)
            )
            guard response.status == 200 else { continue }
            let document = try JSONValue.parse(response.body)
            let state = document["state"]?.stringValue.flatMap { OrderState(rawValue: $0) }
            if state?.isFinal == true { return document }
        }
        throw TestFailure("order \(id) is not over after a minute")
    }

    /// Places orders at the same time and returns their numbers.
    func placeMany(_ count: Int, prefix: String, at base: String? = nil) async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<count {
                group.addTask {
                    var order = Self.order
                    order.amountCents += Int64(number)
                    return try await self.place(order, key: "\(prefix)-\(number)", at: base)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Waits until all orders are over and returns their final states.
    func settledMany(_ ids: [String], at base: String? = nil) async throws -> [String: Int] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for id in ids {
                group.addTask {
                    try await self.settled(id, at: base)["state"]?.stringValue ?? "?"
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }
}

// What an observer sees.
extension TestShop {
    /// The number that a query in a service's database returns as `n`.
    func count(_ role: ShopRole, _ sql: String) async throws -> Int64 {
        let rows = try await #require(observers[role]).query(sql)
        return try #require(rows.first).int("n")
    }

    /// Changes a service's database behind its back.
    func run(_ role: ShopRole, _ sql: String) async throws {
        _ = try await #require(observers[role]).query(sql)
    }

    /// Waits until a query's `n` is as wished; half a minute at most.
    func until(_ role: ShopRole, _ sql: String, is wished: (Int64) -> Bool) async throws {
        for _ in 0..<1500 {
            if wished(try await count(role, sql)) { return }
            try await Loop.current?.sleep(for: .milliseconds(20))
        }
        throw TestFailure("never true: \(sql)")
    }

    /// Switches a link on or off.
    func setLink(_ name: String, enabled: Bool) async throws {
        let path = "/proxies/" + name.replacing(">", with: "%3E")
        _ = try await proxy.call(client, "POST", path, ["enabled": .bool(enabled)])
    }

    /// Adds a toxic to a link.
    func addToxic(_ link: String, _ toxic: JSONValue) async throws {
        let path = "/proxies/" + link.replacing(">", with: "%3E") + "/toxics"
        _ = try await proxy.call(client, "POST", path, toxic)
    }

    /// Takes a toxic off a link.
    func removeToxic(_ link: String, _ name: String) async throws {
        let path = "/proxies/" + link.replacing(">", with: "%3E") + "/toxics/\(name)"
        _ = try await proxy.call(client, "DELETE", path)
    }

    static let doubleCharges = """
        SELECT count(*) AS n FROM (
            SELECT order_id FROM charges GROUP BY order_id HAVING count(*) > 1) AS twice
        """
    static let overRefunds = """
        SELECT count(*) AS n FROM charges WHERE amount_cents < (
            SELECT sum(amount_cents) FROM refunds WHERE charge_id = charges.id)
        """
    static let doubleReservations = """
        SELECT count(*) AS n FROM (
            SELECT order_id FROM reservations GROUP BY order_id HAVING count(*) > 1) AS twice
        """
    static let stockGap = """
        SELECT count(*) AS n FROM stock WHERE available <> opening - coalesce((
            SELECT sum(quantity) FROM reservations
            WHERE reservations.sku = stock.sku AND state IN ('held', 'confirmed')), 0)
        """

    /// The invariants of a settled shop.
    func expectInvariants(
        confirmed: Int,
        cancelled: Int = 0,
        refunded: Int64 = 0
    ) async throws {
        let refunds = "SELECT count(*) AS n FROM refunds"
        #expect(try await count(.processor, refunds) == refunded)
        #expect(try await count(.processor, Self.overRefunds) == 0)
        #expect(try await count(.processor, Self.doubleCharges) == 0)
        #expect(try await count(.inventory, Self.doubleReservations) == 0)
        #expect(try await count(.inventory, Self.stockGap) == 0)
        let states = "SELECT count(*) AS n FROM orders WHERE state = "
        #expect(try await count(.orders, states + "'confirmed'") == confirmed)
        #expect(try await count(.orders, states + "'cancelled'") == cancelled)
        let charges = "SELECT count(*) AS n FROM charges"
        #expect(try await count(.processor, charges) == Int64(confirmed) + refunded)
        let captured = "SELECT count(*) AS n FROM payments WHERE state = 'captured'"
        #expect(try await count(.payments, captured) == confirmed)
        let back = "SELECT count(*) AS n FROM payments WHERE state = 'refunded'"
        #expect(try await count(.payments, back) == refunded)
        let entries = "SELECT count(*) AS n FROM ledger_entries WHERE kind = 'refund'"
        #expect(try await count(.payments, entries) == refunded)
        let sold = "SELECT count(*) AS n FROM reservations WHERE state = 'confirmed'"
        #expect(try await count(.inventory, sold) == confirmed)
        let open = "SELECT count(*) AS n FROM outbox WHERE sent_at IS NULL"
        #expect(try await count(.orders, open) == 0)
    }
}

struct TestFailure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
