import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import ShopCore
import ShopProjector
import Testing

@testable import ShopReconciler

/// The reconciler against real services and databases, with differences planted by hand.
@Suite(.timeLimit(.minutes(2)))
struct ReconcilerTests {
    /// As fast as it goes.
    static var pace: ReconcilerPace {
        var pace = ReconcilerPace()
        pace.quiet = .zero
        pace.settled = .milliseconds(50)
        pace.model = .milliseconds(50)
        pace.confirmation = .milliseconds(10)
        pace.idle = .milliseconds(50)
        pace.busy = .milliseconds(10)
        pace.sweep = .milliseconds(50)
        return pace
    }

    private static func database(
        _ kind: ShopDatabase
    ) async throws -> SharedCluster.Database {
        let database = try await SharedCluster.instance().database()
        let connection = try await PostgresConnection.connect(database.socketConninfo)
        defer { connection.close() }
        try await connection.simple(kind.script())
        return database
    }

    /// A reconciler beside a shop, and with it a read model that has had all events: none.
    private static func run(
        mutants: [Mutant] = [],
        _ body: @escaping @Sendable (TestShop, Reconciled) async throws -> Void
    ) async throws {
        try await TestShop.run(mutants: mutants) { shop in
            let (model, broker) = (try await database(.projector), try await database(.broker))
            let projector = try await ProjectorService.start(
                ShopServiceConfiguration(
                    role: .projector,
                    listen: "127.0.0.1:0",
                    database: model.socketConninfo,
                    broker: broker.socketConninfo,
                    log: "/dev/null",
                    pool: 3
                )
            )
            var peers: [ShopRole: [String]] = [.projector: [projector.url]]
            for role in [ShopRole.orders, .payments, .inventory, .processor] {
                peers[role] = [try #require(shop.services[role]).url]
            }
            let reconciler = try await ReconcilerService.start(
                ShopServiceConfiguration(
                    role: .reconciler,
                    listen: "127.0.0.1:0",
                    database: try await database(.reconciler).socketConninfo,
                    peers: peers,
                    mutants: mutants,
                    log: "/dev/null",
                    pool: 2
                ),
                pace: Self.pace
            )
            let reconciled = Reconciled(
                client: shop.client,
                url: reconciler.url,
                model: projector.url
            )
            do {
                try await body(shop, reconciled)
            } catch {
                await reconciler.stop()
                await projector.stop()
                throw error
            }
            await reconciler.stop()
            await projector.stop()
        }
    }

    @Test func `a sale that was not finished and a hold that was left are found and mended`()
        async throws
    {
        try await Self.run { shop, reconciled in
            let sold = try await shop.place(TestShop.order, key: "sold")
            _ = try await shop.settled(sold)
            var order = TestShop.order
            order.amountCents = ChargeRequest.declinedAmountCents
            let refused = try await shop.place(order, key: "refused")
            #expect(try await shop.settled(refused)["state"] == "cancelled")
            try await shop.run(.inventory, "UPDATE reservations SET state = 'held'")
            try await shop.run(
                .inventory,
                "UPDATE stock SET available = available - 2 WHERE sku = 'sku-01'"
            )
            let first = try await reconciled.conflict(sold, "sale-unfinished", is: "repaired")
            #expect(first["rule"] == "confirm-hold")
            let second = try await reconciled.conflict(refused, "hold-left", is: "repaired")
            #expect(second["rule"] == "release-hold")
            try await shop.expectInvariants(confirmed: 1, cancelled: 1)
        }
    }

    @Test func `the read model is written anew where it tells another story`() async throws {
        try await Self.run { shop, reconciled in
            // No relay runs: the read model hears of nothing.
            let id = try await shop.place(TestShop.order, key: "k")
            _ = try await shop.settled(id)
            let conflict = try await reconciled.conflict(id, "model-differs", is: "repaired")
            #expect(conflict["repairs"]?.integerValue == 1)
            let view = try await reconciled.get(reconciled.model + "/orders/\(id)")
            #expect(view["state"] == "confirmed")
            #expect(view["version"] == 4)
            #expect(view["amount_cents"]?.integerValue == TestShop.order.amountCents)
        }
    }

    @Test func `money that differs is listed, and nothing touches it`() async throws {
        try await Self.run { shop, reconciled in
            let id = try await shop.place(TestShop.order, key: "k")
            _ = try await shop.settled(id)
            try await shop.run(
                .payments,
                "UPDATE payments SET amount_cents = amount_cents + 1"
            )
            let conflict = try await reconciled.conflict(id, "amounts-differ", is: "open")
            #expect(conflict["rule"] == nil)
            #expect(
                conflict["detail"]
                    == "The order is of 1999 cents; captured or charged were 1999, 2000."
            )
            let orphan = UUIDText.ordered()
            try await shop.run(
                .processor,
                """
                INSERT INTO charges (id, idempotency_key, order_id, amount_cents)
                VALUES ('ch', 'someone', '\(orphan)', 5)
                """
            )
            _ = try await reconciled.conflict(orphan, "order-missing", is: "open")
            let amount = "SELECT amount_cents AS n FROM payments"
            #expect(try await shop.count(.payments, amount) == 2000)
            try await shop.run(
                .payments,
                "UPDATE payments SET amount_cents = amount_cents - 1"
            )
            _ = try await reconciled.conflict(id, "amounts-differ", is: "gone")
        }
    }

    @Test func `an unknown outcome waits until the processor says what it was`() async throws {
        try await Self.run { shop, reconciled in
            try await shop.setLink("payments->processor", enabled: false)
            let id = try await shop.place(TestShop.order, key: "k")
            let pending = "SELECT count(*) AS n FROM payments WHERE state = 'pending'"
            try await shop.until(.payments, pending) { $0 == 1 }
            let decision: JSONValue = ["action": "fail", "reason": "test", "author": "test"]
            let orders = try #require(shop.services[.orders]).url
            try await reconciled.until(orders + "/metrics", says: "\nrelay_commands_held 1\n")
            let answer = try await shop.client.request(
                "POST",
                url: "\(orders)/sagas/\(id)/resolve",
                body: Array(decision.serialized().utf8),
                timeout: .seconds(5)
            )
            #expect(answer.status == 200)
            try await reconciled.until(orders + "/metrics", says: "\nrelay_commands_held 0\n")
            try await shop.setLink("payments->processor", enabled: true)
            let unknown = try await reconciled.conflict(id, "outcome-unknown", is: "open") {
                $0["failure"]?.stringValue?.contains("knows no charge") == true
            }
            #expect(unknown["rule"] == "ask-processor")
            #expect(try await shop.count(.payments, pending) == 1)
            // The charge was on its way all the time.
            let processor = try #require(shop.services[.processor]).url
            let charge = ChargeRequest(order: id, amountCents: TestShop.order.amountCents)
            _ = try await shop.client.request(
                "POST",
                url: processor + "/charges",
                headers: ["Idempotency-Key": "order-\(id)"],
                body: Array(charge.json.serialized().utf8),
                timeout: .seconds(5)
            )
            _ = try await reconciled.conflict(id, "outcome-unknown", is: "repaired")
            _ = try await reconciled.conflict(id, "charged-though-ended", is: "open")
            let captured = "SELECT count(*) AS n FROM payments WHERE state = 'captured'"
            #expect(try await shop.count(.payments, captured) == 1)
        }
    }

    @Test func `with a deliberate bug switched on everything is listed and nothing mended`()
        async throws
    {
        try await Self.run(mutants: [.confirmNotAwaited]) { shop, reconciled in
            let id = try await shop.place(TestShop.order, key: "k")
            _ = try await shop.settled(id)
            let conflict = try await reconciled.conflict(id, "model-differs", is: "open")
            try await Loop.current?.sleep(for: .milliseconds(300))
            #expect(conflict["repairs"] == 0)
            _ = try await reconciled.conflict(id, "model-differs", is: "open")
        }
    }
}

/// A reconciler that runs.
struct Reconciled {
    let client: HTTPClient
    let url: String
    /// The read model's base URL.
    let model: String

    func get(_ url: String) async throws -> JSONValue {
        let response = try await client.request("GET", url: url, timeout: .seconds(5))
        return try JSONValue.parse(response.body)
    }

    /// Waits until a page says something; half a minute at most.
    func until(_ page: String, says text: String) async throws {
        for _ in 0..<600 {
            let response = try await client.request("GET", url: page, timeout: .seconds(5))
            if String(decoding: response.body, as: UTF8.self).contains(text) { return }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        throw TestFailure("\(page) never says \(text)")
    }

    /// Waits until a conflict is in a state; half a minute at most.
    func conflict(
        _ order: String,
        _ kind: String,
        is state: String,
        _ isRight: (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        var last: JSONValue = .null
        for _ in 0..<600 {
            last = try await get(url + "/conflicts?all=true")
            for conflict in last["conflicts"]?.arrayValue ?? []
            where conflict["order"]?.stringValue == order
                && conflict["kind"]?.stringValue == kind
                && conflict["state"]?.stringValue == state && isRight(conflict)
            {
                return conflict
            }
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        throw TestFailure("\(kind) of \(order) is never \(state): \(last.serialized())")
    }
}
