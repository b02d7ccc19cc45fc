import EventLoop
import LinuxSystem
import ShopCore
import Testing

/// The executable under SIGKILL and SIGTERM.
@Suite(.timeLimit(.minutes(2)))
struct CrashTests {
    @Test func `orders killed in the middle of sagas carries them all to their end afterwards`()
        async throws
    {
        try await TestShop.run(runsOrders: false) { shop in
            let orders = try OrdersProcess(shop)
            let url = orders.url
            let first = try await orders.start()
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(20, prefix: "killed", at: url)
            try await shop.until(
                .orders,
                "SELECT count(*) AS n FROM orders WHERE state = 'reserved'"
            ) { $0 > 0 }
            first.signal(OrdersProcess.killed)
            #expect(try await first.wait() == .signalled(OrdersProcess.killed))
            try await shop.setLink("payments->processor", enabled: true)
            let second = try await orders.start()
            #expect(try await shop.settledMany(ids, at: url) == ["confirmed": 20])
            try await shop.expectInvariants(confirmed: 20)
            second.signal(OrdersProcess.terminated)
            #expect(try await second.wait() == .exited(0))
        }
    }
}
