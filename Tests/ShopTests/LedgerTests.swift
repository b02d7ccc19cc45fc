import HTTP
import JSON
import Postgres
import ShopCore
import Testing

/// The books of payments.
@Suite(.timeLimit(.minutes(2)))
struct LedgerTests {
    private static let folded = """
        SELECT count(*) AS n FROM ledger_entries, ledger_position WHERE transaction < horizon
        """

    private static func pay(_ shop: TestShop, _ key: String, _ amountCents: Int64) async throws {
        let charge = ChargeRequest(order: UUIDText.random(), amountCents: amountCents)
        _ = try await shop.client.request(
            "POST",
            url: (shop.services[.payments]?.url ?? "") + "/payments",
            headers: ["Idempotency-Key": key],
            body: Array(charge.json.serialized().utf8),
            timeout: .seconds(10)
        )
    }

    private static func books(
        _ shop: TestShop,
        _ method: String = "GET",
        _ path: String = "/ledger"
    ) async throws -> JSONValue {
        let url = (shop.services[.payments]?.url ?? "") + path
        return try JSONValue.parse(
            try await shop.client.request(method, url: url, timeout: .seconds(10)).body
        )
    }

    private static func balances(_ books: JSONValue) -> [String: Int64] {
        (books["accounts"]?.arrayValue ?? []).reduce(into: [:]) {
            $0[$1["account"]?.stringValue ?? ""] = $1["balance_cents"]?.integerValue
        }
    }

    @Test func `a capture and a decline are entered, and the balances follow`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            try await Self.pay(shop, "k-1", 700)
            try await Self.pay(shop, "k-2", ChargeRequest.declinedAmountCents)
            try await Self.pay(shop, "k-1", 700)
            try await shop.until(.payments, Self.folded) { $0 == 4 }
            let books = try await Self.books(shop)
            #expect(Self.balances(books) == ["customers": 700, "held": 0, "sales": -700])
            #expect(books["are_right"] == true && books["entries"] == 4)
        }
    }

    @Test func `no entry can be changed or deleted`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            try await Self.pay(shop, "k", 700)
            for sql in ["UPDATE ledger_entries SET amount_cents = 1", "DELETE FROM ledger_entries"]
            {
                await #expect(throws: PostgresError.self) { try await shop.run(.payments, sql) }
            }
        }
    }

    @Test func `wrong balances are seen, and made anew from the entries`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            try await Self.pay(shop, "k", 700)
            try await shop.until(.payments, Self.folded) { $0 == 2 }
            try await shop.run(.payments, "UPDATE ledger_balances SET credits = 1")
            try await shop.run(.payments, "INSERT INTO ledger_balances VALUES ('slush', 5, 0)")
            #expect(try await Self.books(shop)["are_right"] == false)
            let rebuilt = try await Self.books(shop, "POST", "/ledger/rebuild")
            #expect(rebuilt["were_right"] == false && rebuilt["are_right"] == true)
            #expect(Self.balances(rebuilt) == ["customers": 700, "held": 0, "sales": -700])
        }
    }

    @Test func `a transaction that commits late is taken in, and nothing before it`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let pool = try #require(shop.observers[.payments])
            try await pool.transaction { connection in
                _ = try await connection.query(
                    """
                    INSERT INTO payments (idempotency_key, request_hash, order_id, amount_cents,
                        state)
                    VALUES ('late', 'h', gen_random_uuid(), 300, 'captured')
                    """
                )
                try await Self.pay(shop, "early", 700)
                #expect(try await Self.books(shop)["pending"] == 2)
                #expect(try await shop.count(.payments, Self.folded) == 0)
            }
            try await shop.until(.payments, Self.folded) { $0 == 4 }
            let books = try await Self.books(shop)
            #expect(Self.balances(books)["sales"] == -1000 && books["are_right"] == true)
        }
    }
}
