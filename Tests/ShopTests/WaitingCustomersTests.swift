import EventLoop
import HTTP
import JSON
import LinuxSystem
import PostgresServer
import ShopCore
import ShopGateway
import ShopOrders
import Testing

/// Customers who wait at the gateway, with real services behind it.
@Suite(.timeLimit(.minutes(2)))
struct WaitingCustomersTests {
    /// One request that waits at a gateway, and how long it took.
    private static func wait(
        _ shop: TestShop,
        _ id: String,
        _ time: String,
        at gateway: String
    ) async throws -> (state: String, took: Duration) {
        let start = ContinuousClock.now
        let response = try await shop.client.request(
            "GET",
            url: "\(gateway)/orders/\(id)?wait=\(time)",
            timeout: .seconds(40)
        )
        let state = try JSONValue.parse(response.body)["state"]?.stringValue
        return (state ?? "status \(response.status)", .now - start)
    }

    /// One request each; how many orders had which state in the answer.
    private static func waitForAll(
        _ shop: TestShop,
        _ ids: [String],
        at gateway: String
    ) async throws -> [String: Int] {
        try await withThrowingTaskGroup(of: String.self) { group in
            for id in ids {
                group.addTask { try await wait(shop, id, "30s", at: gateway).state }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }

    /// Waits until so many customers wait at a gateway.
    private static func seated(_ shop: TestShop, _ count: Int, at gateway: String) async throws {
        for _ in 0..<1000 {
            let response = try await shop.client.request(
                "GET",
                url: gateway + "/metrics",
                timeout: .seconds(5)
            )
            let text = String(decoding: response.body, as: UTF8.self)
            if text.contains("\ngateway_customers{phase=\"waiting\"} \(count)\n") { return }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
        throw TestFailure("\(count) customers never waited")
    }

    /// A gateway of the test's own before some instances of orders.
    private static func gateway(_ shop: TestShop, orders: [String]) async throws -> RunningService {
        let database = try #require(shop.databases[.gateway])
        return try await GatewayService.start(
            ShopServiceConfiguration(
                role: .gateway,
                listen: "127.0.0.1:0",
                database: database.conninfo,
                peers: [.orders: orders],
                log: "/dev/null",
                pool: 2
            )
        )
    }

    @Test func `hundreds of customers wait behind a few connections, and all hear of the end`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(300, prefix: "many")
            async let states = Self.waitForAll(shop, ids, at: shop.gateway)
            try await Self.seated(shop, 300, at: shop.gateway)
            // Those of the placements are kept open for a while, 128 at most.
            let list = try await shop.proxy.call(
                shop.client,
                "GET",
                "/proxies/gateway-%3Eorders/connections"
            )
            let connections = list["connections"]?.arrayValue ?? list.arrayValue
            #expect(try #require(connections).count < 200)
            try await shop.setLink("payments->processor", enabled: true)
            #expect(try await states == ["confirmed": 300])
        }
    }

    @Test func `at the end of the wait a customer hears how the order is, and a drain ends it`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("payments->processor", enabled: false)
            let id = try await shop.place(TestShop.order, key: "k")
            try await shop.until(
                .orders,
                "SELECT count(*) AS n FROM orders WHERE state = 'reserved'"
            ) { $0 == 1 }
            let answer = try await Self.wait(shop, id, "300ms", at: shop.gateway)
            #expect(answer.state == "reserved")
            #expect(answer.took >= .milliseconds(300))
            async let poll = Self.wait(shop, id, "30s", at: shop.gateway)
            try await Self.seated(shop, 1, at: shop.gateway)
            await shop.services[.gateway]?.stop()
            let drained = try await poll
            #expect(drained.state == "reserved")
            #expect(drained.took < .seconds(10))
        }
    }

    @Test func `orders killed and started again: who waits hears of the end in the same request`()
        async throws
    {
        try await TestShop.run(runsOrders: false) { shop in
            let orders = try OrdersProcess(shop)
            let first = try await orders.start()
            let gateway = try await Self.gateway(shop, orders: [orders.url])
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(20, prefix: "killed", at: gateway.url)
            async let states = Self.waitForAll(shop, ids, at: gateway.url)
            try await Self.seated(shop, 20, at: gateway.url)
            first.signal(OrdersProcess.killed)
            _ = try await first.wait()
            try await shop.setLink("payments->processor", enabled: true)
            let second = try await orders.start()
            #expect(try await states == ["confirmed": 20])
            try await shop.expectInvariants(confirmed: 20)
            await gateway.stop()
            second.signal(OrdersProcess.terminated)
            #expect(try await second.wait() == .exited(0))
        }
    }

    @Test func `an end that came while the way to orders was cut is found when it is back`()
        async throws
    {
        try await TestShop.run { shop in
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(10, prefix: "cut")
            async let states = Self.waitForAll(shop, ids, at: shop.gateway)
            try await Self.seated(shop, 10, at: shop.gateway)
            try await shop.setLink("gateway->orders", enabled: false)
            try await shop.setLink("payments->processor", enabled: true)
            try await shop.until(
                .orders,
                "SELECT count(*) AS n FROM orders WHERE state = 'confirmed'"
            ) { $0 == 10 }
            try await shop.setLink("gateway->orders", enabled: true)
            let start = ContinuousClock.now
            #expect(try await states == ["confirmed": 10])
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test func `whichever instance of orders ends an order, and though one of them is away`()
        async throws
    {
        try await TestShop.run { shop in
            let second = try await OrdersService.start(shop.ordersConfiguration)
            let first = try #require(shop.services[.orders]).url
            let closed = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            let absent = "http://\(closed.address)"
            closed.close()
            let gateway = try await Self.gateway(shop, orders: [first, second.url, absent])
            try await shop.setLink("payments->processor", enabled: false)
            var ids = try await shop.placeMany(10, prefix: "first", at: first)
            ids += try await shop.placeMany(10, prefix: "second", at: second.url)
            async let states = Self.waitForAll(shop, ids, at: gateway.url)
            try await Self.seated(shop, 20, at: gateway.url)
            try await shop.setLink("payments->processor", enabled: true)
            #expect(try await states == ["confirmed": 20])
            await gateway.stop()
            await second.stop()
        }
    }
}
