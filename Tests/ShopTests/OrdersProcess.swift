import EventLoop
import HTTP
import JSON
import LinuxSystem
import ShopCore

/// The orders service of a shop as a process of its own, which can be killed and started again at
/// the same address.
struct OrdersProcess {
    static let killed: Int32 = 9
    static let terminated: Int32 = 15

    let shop: TestShop
    private let configuration: ShopServiceConfiguration

    init(_ shop: TestShop) throws {
        self.shop = shop
        var configuration = shop.ordersConfiguration
        let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
        configuration.listen = "\(listener.address)"
        listener.close()
        self.configuration = configuration
    }

    var url: String { "http://\(configuration.listen)" }

    /// `shop` lies beside the test bundle.
    private static var executable: String {
        SystemFiles.parent(of: executablePath()) + "/shop"
    }

    /// Starts orders and waits until it answers; by then it has read its file, and nothing of it
    /// stays.
    func start() async throws -> ChildProcess {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "shop-test-")
        defer { try? SystemFiles.removeTree(folder) }
        let file = folder + "/orders.json"
        let text = configuration.json.serialized()
        try SystemFiles.writeAtomically(file, Array(text.utf8), mode: 0o600)
        var request = SpawnRequest(
            executable: Self.executable,
            arguments: ["orders", "--config", file]
        )
        request.dieWithParent = true
        let process = try ChildProcess.spawn(request)
        try await healthy()
        return process
    }

    /// Waits until the process answers.
    private func healthy() async throws {
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
}
