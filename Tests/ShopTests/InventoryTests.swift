import HTTP
import JSON
import Postgres
import ShopCore
import Testing

@Suite(.timeLimit(.minutes(2)))
struct InventoryTests {
    private static let order = "3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90"
    private static let hold = HoldRequest(order: order, sku: "sku-02", quantity: 5)

    private static func post(
        _ shop: TestShop,
        _ path: String,
        message: String,
        _ hold: HoldRequest = hold
    ) async throws -> (status: Int, state: String?) {
        let response = try await shop.client.request(
            "POST",
            url: (shop.services[.inventory]?.url ?? "") + path,
            headers: ["Message-Id": message],
            body: Array(hold.json.serialized().utf8),
            timeout: .seconds(10)
        )
        return (response.status, try JSONValue.parse(response.body)["state"]?.stringValue)
    }

    private static let available = "SELECT available AS n FROM stock WHERE sku = 'sku-02'"

    @Test func `different messages for one order at the same time hold once`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let answer = try await Self.post(
                            shop,
                            "/reservations",
                            message: "m-\(number)"
                        )
                        #expect(answer.status == 200 || answer.status == 503)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await shop.count(.inventory, Self.available) == 999_995)
            #expect(try await shop.count(.inventory, TestShop.doubleReservations) == 0)
        }
    }

    @Test func `a message that comes late after its release holds nothing`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            let path = "/reservations/\(Self.order)/release"
            for _ in 0..<2 {
                let released = try await Self.post(shop, path, message: "release")
                #expect(released.status == 200 && released.state == "released")
            }
            let late = try await Self.post(shop, "/reservations", message: "reserve")
            #expect(late.status == 409 && late.state == "released")
            #expect(try await shop.count(.inventory, Self.available) == 1_000_000)
        }
    }

    @Test func `release gives back once, and confirm after it is refused`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            _ = try await Self.post(shop, "/reservations", message: "reserve")
            #expect(try await shop.count(.inventory, Self.available) == 999_995)
            for number in 0..<3 {
                let path = "/reservations/\(Self.order)/release"
                let released = try await Self.post(shop, path, message: "release-\(number)")
                #expect(released.state == "released")
            }
            #expect(try await shop.count(.inventory, Self.available) == 1_000_000)
            let path = "/reservations/\(Self.order)/confirm"
            let confirmed = try await Self.post(shop, path, message: "confirm")
            #expect(confirmed.status == 409)
        }
    }

    @Test func `a redelivered message gets its first answer again`() async throws {
        try await TestShop.run(runsOrders: false) { shop in
            var much = Self.hold
            much.sku = "sku-03"
            much.quantity = 1000
            _ = try await #require(shop.observers[.inventory]).query(
                "UPDATE stock SET opening = 999, available = 999 WHERE sku = 'sku-03'"
            )
            let first = try await Self.post(shop, "/reservations", message: "m", much)
            #expect(first.status == 409 && first.state == "out-of-stock")
            _ = try await #require(shop.observers[.inventory]).query(
                "UPDATE stock SET opening = 2000, available = 2000 WHERE sku = 'sku-03'"
            )
            let again = try await Self.post(shop, "/reservations", message: "m", much)
            #expect(again.status == 409 && again.state == "out-of-stock")
        }
    }
}
