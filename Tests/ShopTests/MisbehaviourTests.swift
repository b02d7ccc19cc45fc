import EventLoop
import HTTP
import JSON
import ShopCore
import ShopPayments
import Testing

/// Payments and a processor that was told to misbehave, through the proxy, with real sockets.
@Suite(.timeLimit(.minutes(2)))
struct MisbehaviourTests {
    private static let charges = "SELECT count(*) AS n FROM charges"

    private static func tell(
        _ shop: TestShop,
        _ method: String,
        _ name: String,
        _ body: String = ""
    ) async throws -> (status: Int, body: JSONValue) {
        let answer = try await shop.client.request(
            method,
            url: (shop.services[.processor]?.url ?? "") + "/behaviours/\(name)",
            body: Array(body.utf8),
            timeout: .seconds(5)
        )
        return (answer.status, try JSONValue.parse(answer.body))
    }

    private static func pay(
        _ shop: TestShop,
        _ key: String,
        order: String = UUIDText.random(),
        at url: String? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        let charge = ChargeRequest(order: order, amountCents: 500)
        let answer = try await shop.client.request(
            "POST",
            url: (url ?? shop.services[.payments]?.url ?? "") + "/payments",
            headers: ["Idempotency-Key": key],
            body: Array(charge.json.serialized().utf8),
            timeout: .seconds(10)
        )
        return (answer.status, try JSONValue.parse(answer.body))
    }

    @Test(arguments: ["before", "after"])
    func `failing before it acted charges nobody, failing after it charges once`(
        when: String
    ) async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let order = UUIDText.random()
            let rule = #"{"fail":"\#(when)","times":1,"for_ms":60000}"#
            #expect(try await Self.tell(shop, "PUT", "f", rule).status == 201)
            #expect(try await Self.pay(shop, "k", order: order).status == 503)
            #expect(try await shop.count(.processor, Self.charges) == (when == "after" ? 1 : 0))
            let again = try await Self.pay(shop, "k", order: order)
            #expect(again.status == 200)
            #expect(again.body["state"] == "captured")
            #expect(try await shop.count(.processor, Self.charges) == 1)
            let ended = try await Self.tell(shop, "DELETE", "f")
            #expect(ended.status == 200)
            #expect(ended.body["hits"] == 1 && ended.body["requests"] == 2)
        }
    }

    @Test func `a late answer is an answer, and one that comes too late leaves the outcome open`()
        async throws
    {
        try await TestShop.run(runsOrders: false) { shop in
            let late = #"{"delay_ms":300,"times":1,"for_ms":60000}"#
            _ = try await Self.tell(shop, "PUT", "late", late)
            let start = ContinuousClock.now
            #expect(try await Self.pay(shop, "k-1").status == 200)
            #expect(ContinuousClock.now - start >= .milliseconds(300))
            let order = UUIDText.random()
            let tooLate = #"{"delay_ms":2600,"times":1,"for_ms":60000}"#
            _ = try await Self.tell(shop, "PUT", "late", tooLate)
            #expect(try await Self.pay(shop, "k-2", order: order).status == 503)
            #expect(try await shop.count(.processor, Self.charges) == 2)
            #expect(try await Self.pay(shop, "k-2", order: order).status == 200)
            #expect(try await shop.count(.processor, Self.charges) == 2)
        }
    }

    @Test func `an answer that is sent again is never taken for another payment's`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let twice = #"{"answers":3,"share":0.5,"seed":7,"for_ms":60000}"#
            _ = try await Self.tell(shop, "PUT", "twice", twice)
            let paid = try await withThrowingTaskGroup(of: [String: String].self) { group in
                for customer in 0..<8 {
                    group.addTask {
                        var paid: [String: String] = [:]
                        for number in 0..<25 {
                            let order = UUIDText.random()
                            let key = "k-\(customer)-\(number)"
                            let answer = try await Self.pay(shop, key, order: order)
                            #expect(answer.status == 200)
                            paid[order] = answer.body["charge_id"]?.stringValue
                        }
                        return paid
                    }
                }
                return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
            }
            #expect(paid.count == 200)
            for (order, charge) in paid {
                let own = "\(Self.charges) WHERE order_id = '\(order)' AND id = '\(charge)'"
                #expect(try await shop.count(.processor, own) == 1)
            }
            #expect(try await shop.count(.processor, Self.charges) == 200)
            let ended = try await Self.tell(shop, "DELETE", "twice")
            #expect((60...140).contains(ended.body["hits"]?.integerValue ?? 0))
        }
    }

    @Test func `a behaviour that nobody renews ends by itself`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            _ = try await Self.tell(shop, "PUT", "f", #"{"fail":"before","for_ms":60000}"#)
            #expect(try await Self.pay(shop, "k-1").status == 503)
            #expect(try await Self.tell(shop, "PATCH", "f", #"{"for_ms":50}"#).status == 200)
            let loop = try #require(Loop.current)
            let deadline = Loop.monotonicNanoseconds() + 10_000_000_000
            while try await Self.isInForce(shop) {
                try #require(Loop.monotonicNanoseconds() < deadline)
                try await loop.sleep(for: .milliseconds(10))
            }
            #expect(try await Self.tell(shop, "PATCH", "f", #"{"for_ms":200}"#).status == 404)
            #expect(try await Self.pay(shop, "k-2").status == 200)
        }
    }

    private static func isInForce(_ shop: TestShop) async throws -> Bool {
        let url = (shop.services[.processor]?.url ?? "") + "/behaviours"
        let answer = try await shop.client.request("GET", url: url, timeout: .seconds(5))
        return try JSONValue.parse(answer.body)["behaviours"]?.arrayValue?.isEmpty == false
    }

    @Test(arguments: ["captured", "failed"])
    func `an answer about another order decides nothing`(state: String) async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let other = UUIDText.random()
            let liar = try await HTTPServer.start(on: .init(parsing: "127.0.0.1:0")) { _ in
                .document(
                    ["id": "ch", "state": .string(state), "order": .string(other), "reason": "no"],
                    status: state == "captured" ? 200 : 402
                )
            }
            var configuration = try #require(shop.services[.payments]).context.configuration
            configuration.peers[.processor] = ["http://\(liar.address)"]
            let payments = try await PaymentsService.start(configuration)
            #expect(try await Self.pay(shop, "k", at: payments.url).status == 503)
            let paid = try await Self.pay(shop, "k-2", order: other, at: payments.url)
            #expect(paid.status == (state == "captured" ? 200 : 402))
            await payments.stop()
            await liar.shutdown(grace: .seconds(1))
        }
    }
}
