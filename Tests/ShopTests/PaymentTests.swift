import HTTP
import JSON
import ShopCore
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PaymentTests {
    private static let order = "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90"

    private static func post(
        _ shop: TestShop,
        _ role: ShopRole,
        key: String,
        amountCents: Int64 = 500
    ) async throws -> (status: Int, body: JSONValue) {
        let charge = ChargeRequest(order: order, amountCents: amountCents)
        let response = try await shop.client.request(
            "POST",
            url: (shop.services[role]?.url ?? "") + (role == .payments ? "/payments" : "/charges"),
            headers: ["Idempotency-Key": key],
            body: Array(charge.json.serialized().utf8),
            timeout: .seconds(10)
        )
        return (response.status, try JSONValue.parse(response.body))
    }

    @Test func `equal payments at the same time are one charge with one answer`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let answer = try await Self.post(shop, .payments, key: "k")
                        #expect(answer.status == 200)
                        return answer.body
                    }
                }
                return try await group.reduce(into: Set<JSONValue>()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(try await shop.count(.processor, "SELECT count(*) AS n FROM charges") == 1)
        }
    }

    @Test(arguments: [ShopRole.payments, .processor])
    func `a key with another amount is refused and changes nothing`(role: ShopRole) async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let first = try await Self.post(shop, role, key: "k")
            let other = try await Self.post(shop, role, key: "k", amountCents: 501)
            #expect(first.status == 200 && other.status == 422)
            #expect(try await shop.count(.processor, "SELECT count(*) AS n FROM charges") == 1)
        }
    }

    @Test(arguments: [ShopRole.payments, .processor])
    func `a finished key gets the same answer again`(role: ShopRole) async throws {
        try await TestShop.run(runsOrders: false) { shop in
            for amount in [500, ChargeRequest.declinedAmountCents] {
                let first = try await Self.post(shop, role, key: "k-\(amount)", amountCents: amount)
                let again = try await Self.post(shop, role, key: "k-\(amount)", amountCents: amount)
                #expect(first.status == again.status && first.body == again.body)
            }
        }
    }

    @Test func `an intent whose result is unknown is resumed with the same key`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            try await shop.setLink("payments->processor", enabled: false)
            let unknown = try await Self.post(shop, .payments, key: "k")
            #expect(unknown.status == 503)
            let pending = "SELECT count(*) AS n FROM payments WHERE state = 'pending'"
            #expect(try await shop.count(.payments, pending) == 1)
            try await shop.setLink("payments->processor", enabled: true)
            let resumed = try await Self.post(shop, .payments, key: "k")
            #expect(resumed.status == 200)
            #expect(try await shop.count(.payments, pending) == 0)
        }
    }
}
