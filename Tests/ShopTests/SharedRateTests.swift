import EventLoop
import HTTP
import Postgres
import ShopCore
import ShopGateway
import Telemetry
import Testing

/// Two gateways that share their clients' rates through gateway-db.
@Suite(.timeLimit(.minutes(2)))
struct SharedRateTests {
    private static let path = "/orders/3f2b8c1e-9d41-4a77-8b1e-0c5d6e7f8a90"
    private static let rate = 50

    /// Two gateways beside the shop's own, with a client of 50 requests a second.
    private static func run(
        _ body: @escaping @Sendable (TestShop, [RunningService]) async throws -> Void
    ) async throws {
        try await TestShop.run { shop in
            try await #require(shop.observers[.gateway]).query(
                """
                INSERT INTO clients (api_key, name, requests_per_second)
                VALUES ('metered', 'A client of a small rate', \(rate))
                """
            )
            var configuration = try #require(shop.services[.gateway]).context.configuration
            configuration.listen = "127.0.0.1:0"
            var gateways: [RunningService] = []
            for _ in 0..<2 { gateways.append(try await GatewayService.start(configuration)) }
            do {
                try await body(shop, gateways)
            } catch {
                for gateway in gateways { await gateway.stop() }
                throw error
            }
            for gateway in gateways { await gateway.stop() }
        }
    }

    /// Asks all gateways at once, as fast as each answers; returns how many requests were let in,
    /// and how many not.
    private static func flood(
        _ shop: TestShop,
        _ gateways: [RunningService],
        for length: Duration
    ) async throws -> (admitted: Int, refused: Int) {
        let end = Loop.monotonicNanoseconds() + length.nanosecondsClamped
        return try await withThrowingTaskGroup(of: (admitted: Int, refused: Int).self) { group in
            for gateway in gateways {
                group.addTask {
                    var (admitted, refused) = (0, 0)
                    while Loop.monotonicNanoseconds() < end {
                        let response = try await shop.client.request(
                            "GET",
                            url: gateway.url + path,
                            headers: ["X-Api-Key": "metered"],
                            timeout: .seconds(5)
                        )
                        try #require([404, 429].contains(response.status))
                        if response.status == 404 { admitted += 1 } else { refused += 1 }
                    }
                    return (admitted, refused)
                }
            }
            return try await group.reduce(into: (0, 0)) {
                $0 = ($0.0 + $1.admitted, $0.1 + $1.refused)
            }
        }
    }

    @Test func `two gateways let in what one would, for few statements`() async throws {
        try await Self.run { shop, gateways in
            let begin = Loop.monotonicNanoseconds()
            let flood = try await Self.flood(shop, gateways, for: .seconds(2))
            let seconds = Double(Loop.monotonicNanoseconds() - begin) / 1_000_000_000
            // The burst, what comes in each second, and a lease for each gateway.
            let most = Double(Self.rate) * (1 + seconds) + 2 * Double(Self.rate) / 10
            #expect(Double(flood.admitted) <= most)
            #expect(Double(flood.admitted) >= 0.7 * most)
            #expect(flood.refused > 0)
            var leases = 0
            for gateway in gateways {
                let counter = gateway.context.metrics.counter("rate_leases_total", help: "")
                leases += counter.value
            }
            #expect(leases < (flood.admitted + flood.refused) / 3)
        }
    }

    @Test func `without the database each gateway keeps to the rate by itself`() async throws {
        try await Self.run { shop, gateways in
            try await shop.setLink("gateway->gateway-db", enabled: false)
            let begin = Loop.monotonicNanoseconds()
            let flood = try await Self.flood(shop, gateways, for: .seconds(1))
            let seconds = Double(Loop.monotonicNanoseconds() - begin) / 1_000_000_000
            let most = 2 * Double(Self.rate) * (1 + seconds)
            #expect(Double(flood.admitted) <= most)
            #expect(flood.admitted > Self.rate)
            #expect(flood.refused > 0)
            try await shop.setLink("gateway->gateway-db", enabled: true)
            for gateway in gateways {
                let failures = gateway.context.metrics.counter("rate_leases_failed_total", help: "")
                #expect(failures.value > 0)
            }
        }
    }
}
