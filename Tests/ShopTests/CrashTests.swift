import EventLoop
import HTTP
import JSON
import LinuxSystem
import ShopCore
import Testing

/// The executable under SIGKILL and SIGTERM.
@Suite(.timeLimit(.minutes(2)))
struct CrashTests {
    private static let killed: Int32 = 9
    private static let terminated: Int32 = 15

    /// `shop` lies beside the test bundle.
    private static var executable: String {
        SystemFiles.parent(of: executablePath()) + "/shop"
    }

    /// Starts orders and waits until it answers; by then it has read its file, and nothing of it
    /// stays.
    private static func start(
        _ configuration: ShopServiceConfiguration,
        _ shop: TestShop,
        _ url: String
    ) async throws -> ChildProcess {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "shop-test-")
        defer { try? SystemFiles.removeTree(folder) }
        let file = folder + "/orders.json"
        let text = configuration.json.serialized()
        try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o600)
        var request = SpawnRequest(
            executable: executable,
            arguments: ["orders", "--config", file]
        )
        request.dieWithParent = true
        let process = try ChildProcess.spawn(request)
        try await healthy(shop, url)
        return process
    }

    /// Waits until the process answers.
    private static func healthy(_ shop: TestShop, _ url: String) async throws {
        for _ in 0..<500 {
            let response = try? await shop.client.request(
                "GET",
                url: url + "/health",
                timeout: .seconds(2)
            )
            if response?.status == 200 { return }
            try await Loop.current?.sleep(for: .milliseconds(20))
        }
        throw TestFailure("orders never became healthy")
    }

    @Test func `orders killed in the middle of sagas carries them all to their end afterwards`()
        async throws
    {
        try await TestShop.run(runsOrders: false) { shop in
            var configuration = shop.ordersConfiguration
            let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            configuration.listen = "\(listener.address)"
            listener.close()
            let url = "http://\(configuration.listen)"
            let first = try await Self.start(configuration, shop, url)
            try await shop.setLink("payments->processor", enabled: false)
            let ids = try await shop.placeMany(20, prefix: "killed", at: url)
            try await shop.until(
                .orders,
                "SELECT count(*) AS n FROM orders WHERE state = 'reserved'"
            ) { $0 > 0 }
            first.signal(Self.killed)
            #expect(try await first.wait() == .signalled(Self.killed))
            try await shop.setLink("payments->processor", enabled: true)
            let second = try await Self.start(configuration, shop, url)
            #expect(try await shop.settledMany(ids, at: url) == ["confirmed": 20])
            try await shop.expectInvariants(confirmed: 20)
            second.signal(Self.terminated)
            #expect(try await second.wait() == .exited(0))
        }
    }
}
