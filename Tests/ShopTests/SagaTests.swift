import JSON
import Postgres
import ShopCore
import Testing

/// The correct shop, undisturbed and disturbed.
@Suite(.timeLimit(.minutes(2)))
struct SagaTests {
    @Test func `orders placed together are all confirmed, charged once and held once`() async throws
    {
        try await TestShop.run { shop in
            let ids = try await shop.placeMany(40, prefix: "green")
            #expect(Set(ids).count == 40)
            #expect(try await shop.settledMany(ids) == ["confirmed": 40])
            try await shop.expectInvariants(confirmed: 40)
            let document = try await shop.settled(ids[0])
            let states = document["history"]?.arrayValue?.compactMap { $0["state"]?.stringValue }
            #expect(states == ["pending", "reserved", "captured", "confirmed"])
        }
    }

    @Test func `equal requests at the same time give one order, another body is refused`()
        async throws
    {
        try await TestShop.run { shop in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<25 {
                    group.addTask { try await shop.place(TestShop.order, key: "same") }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            var other = TestShop.order
            other.quantity = 3
            let refused = try await shop.post(other, key: "same")
            #expect(refused.status == 422)
            _ = try await shop.settledMany(Array(ids))
            try await shop.expectInvariants(confirmed: 1)
        }
    }

    @Test func `a key counts for a day, and at least until its order is over`() async throws {
        try await TestShop.run { shop in
            let first = try await shop.place(TestShop.order, key: "again")
            _ = try await shop.settled(first)
            try await shop.run(
                .orders,
                "UPDATE orders SET created_at = created_at - interval '23 hours 59 minutes'"
            )
            #expect(try await shop.place(TestShop.order, key: "again") == first)
            try await shop.run(
                .orders,
                "UPDATE orders SET created_at = created_at - interval '1 day', state = 'captured'"
            )
            #expect(try await shop.place(TestShop.order, key: "again") == first)
            try await shop.run(.orders, "UPDATE orders SET state = 'confirmed'")
            var dearer = TestShop.order
            dearer.quantity = 3
            let ids = try await withThrowingTaskGroup(of: String.self) { [dearer] group in
                for _ in 0..<10 {
                    group.addTask { try await shop.place(dearer, key: "again") }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1 && !ids.contains(first))
            _ = try await shop.settledMany(Array(ids))
            #expect(try await shop.post(TestShop.order, key: "again").status == 422)
            try await shop.expectInvariants(confirmed: 2)
        }
    }

    @Test func `a declined card and missing stock end in cancelled, with the stock given back`()
        async throws
    {
        try await TestShop.run { shop in
            var declined = TestShop.order
            declined.amountCents = ChargeRequest.declinedAmountCents
            var unknown = TestShop.order
            unknown.sku = "no-such-sku"
            let first = try await shop.settled(try await shop.place(declined, key: "declined"))
            let second = try await shop.settled(try await shop.place(unknown, key: "unknown"))
            #expect(first["state"] == "cancelled" && first["reason"] == "card declined")
            #expect(second["state"] == "cancelled" && second["reason"] == "out of stock")
            let states = first["history"]?.arrayValue?.compactMap { $0["state"]?.stringValue }
            #expect(states == ["pending", "reserved", "compensating", "cancelled"])
            try await shop.expectInvariants(confirmed: 0, cancelled: 2)
        }
    }

    @Test func `lost acknowledgements of payments' COMMITs charge nobody twice`() async throws {
        try await TestShop.run { shop in
            try await shop.addToxic("payments->payments-db", loseCommits)
            let ids = try await shop.placeMany(30, prefix: "acks")
            #expect(try await shop.settledMany(ids) == ["confirmed": 30])
            try await shop.expectInvariants(confirmed: 30)
        }
    }

    @Test func `a COMMIT of the result that the server never made is made by the retry`()
        async throws
    {
        try await TestShop.run { shop in
            // Sequences are not rolled back: the first three results die at their COMMIT.
            try await #require(shop.observers[.payments]).withConnection { connection in
                try await connection.simple(
                    """
                    CREATE SEQUENCE deaths;
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                        IF nextval('deaths') <= 3 THEN
                            PERFORM pg_terminate_backend(pg_backend_pid());
                        END IF;
                        RETURN NULL;
                    END $$;
                    CREATE CONSTRAINT TRIGGER die_at_commit AFTER UPDATE ON payments
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
                    """
                )
            }
            let ids = try await shop.placeMany(3, prefix: "died")
            #expect(try await shop.settledMany(ids) == ["confirmed": 3])
            try await shop.expectInvariants(confirmed: 3)
            let deaths = "SELECT last_value AS n FROM deaths"
            #expect(try await shop.count(.payments, deaths) > 3)
        }
    }

    @Test func `orders wait while the processor is away, and none is lost or held twice`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(30, prefix: "away")
            // Thirty holds, and at least three of them were affirmed again before another charge.
            try await shop.until(.inventory, affirmed) { $0 >= 33 }
            try await shop.setLink("payments->processor", enabled: true)
            #expect(try await shop.settledMany(ids) == ["confirmed": 30])
            try await shop.expectInvariants(confirmed: 30)
        }
    }

    @Test func `an unknown answer of inventory is asked again, not compensated`() async throws {
        try await TestShop.run { shop in
            try await shop.setLink("orders->inventory", enabled: false)
            let ids = try await shop.placeMany(5, prefix: "inventory")
            try await shop.setLink("orders->inventory", enabled: true)
            #expect(try await shop.settledMany(ids) == ["confirmed": 5])
            try await shop.expectInvariants(confirmed: 5)
        }
    }
}

/// The shop with a bug, under the schedule that exposes it; `SagaTests` runs the same without the
/// bug.
@Suite(.timeLimit(.minutes(2)))
struct MutantTests {
    @Test func `retry-without-key charges twice when acknowledgements are lost`() async throws {
        try await TestShop.run(mutants: [.retryWithoutKey]) { shop in
            try await shop.addToxic("payments->payments-db", loseResults)
            let ids = try await shop.placeMany(30, prefix: "acks")
            _ = try await shop.settledMany(ids)
            #expect(try await shop.count(.processor, TestShop.doubleCharges) > 0)
        }
    }

    @Test func `no-reservation-check takes stock twice when the processor was away`() async throws {
        try await TestShop.run(mutants: [.noReservationCheck]) { shop in
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(30, prefix: "away")
            try await shop.until(.inventory, affirmed) { $0 >= 33 }
            try await shop.setLink("payments->processor", enabled: true)
            _ = try await shop.settledMany(ids)
            #expect(try await shop.count(.inventory, TestShop.doubleReservations) > 0)
        }
    }

    @Test(arguments: [Mutant.retryWithoutKey, .noReservationCheck])
    func `a mutant is no worse than the correct shop while nothing fails`(mutant: Mutant)
        async throws
    {
        try await TestShop.run(mutants: [mutant]) { shop in
            let ids = try await shop.placeMany(10, prefix: "calm")
            #expect(try await shop.settledMany(ids) == ["confirmed": 10])
            try await shop.expectInvariants(confirmed: 10)
        }
    }
}

private let loseCommits: JSONValue = [
    "name": "lost", "type": "lose_commit_ack", "match": ["every": 3],
]
/// The same for the transactions that write results: a charge was made before each of them.
private let loseResults: JSONValue = [
    "name": "lost", "type": "lose_commit_ack",
    "match": ["every": 2, "sql": "UPDATE payments"],
]
/// Reservations asked for: one message each, and one more for each affirmation.
private let affirmed = "SELECT count(*) AS n FROM inbox"
