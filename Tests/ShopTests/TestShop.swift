import ChaosProxy
import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import ShopCore
import ShopGateway
import ShopInventory
import ShopOrders
import ShopPayments
import ShopProcessor
import Testing

/// Runs a body on a loop of its own, as a service's process would.
func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "test")
    defer { loop.stop() }
    return try await loop.spawn(body).value
}

/// A whole shop in this process: five services on real sockets, five databases, links through the
/// proxy.
final class TestShop: Sendable {
    let proxy: ProxyServer
    let client: HTTPClient
    let observers: [ShopRole: PostgresPool]
    let databases: [ShopRole: SharedCluster.Database]
    let services: [ShopRole: RunningService]
    let ordersConfiguration: ShopServiceConfiguration

    private init(
        proxy: ProxyServer,
        client: HTTPClient,
        databases: [ShopRole: SharedCluster.Database],
        services: [ShopRole: RunningService],
        ordersConfiguration: ShopServiceConfiguration
    ) {
        self.proxy = proxy
        self.client = client
        self.databases = databases
        self.services = services
        self.ordersConfiguration = ordersConfiguration
        observers = databases.mapValues { PostgresPool($0.socketConninfo, size: 2) }
    }

    /// Starts a shop, runs the body with it on its loop, and stops it.
    ///
    /// `runsOrders` false leaves orders and the gateway out, for tests that spawn orders.
    static func run(
        mutants: [Mutant] = [],
        runsOrders: Bool = true,
        _ body: @escaping @Sendable (TestShop) async throws -> Void
    ) async throws {
        await gate.enter()
        defer { gate.leave() }
        try await onLoop {
            let shop = try await start(mutants: mutants, runsOrders: runsOrders)
            do {
                try await body(shop)
            } catch {
                await shop.stop()
                throw error
            }
            await shop.stop()
        }
    }

    /// A shop takes some thirty connections of the shared cluster.
    private static let gate = TestGate(limit: 2)

    private static func start(mutants: [Mutant], runsOrders: Bool) async throws -> TestShop {
        let cluster = try await SharedCluster.instance()
        var databases: [ShopRole: SharedCluster.Database] = [:]
        for role in ShopRole.allCases where !role.isOfEvents {
            let database = try await cluster.database()
            databases[role] = database
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            let kind = try #require(role.databases.first)
            try await connection.simple(kind.script(mutants: mutants))
            connection.close()
        }
        var options = ProxyServerOptions()
        options.port = 0
        let proxy = try await ProxyServer.start(options)
        let client = HTTPClient(maxConnectionsPerHost: 512)
        var starter = Starter(
            proxy: proxy,
            client: client,
            databases: databases,
            mutants: mutants
        )
        try await starter.start(.processor) { try await ProcessorService.start($0) }
        try await starter.start(.payments) { try await PaymentsService.start($0) }
        try await starter.start(.inventory) { try await InventoryService.start($0) }
        let ordersConfiguration = try await starter.configuration(of: .orders)
        if runsOrders {
            starter.services[.orders] = try await OrdersService.start(ordersConfiguration)
            try await starter.start(.gateway) { try await GatewayService.start($0) }
        }
        return TestShop(
            proxy: proxy,
            client: client,
            databases: databases,
            services: starter.services,
            ordersConfiguration: ordersConfiguration
        )
    }

    func stop() async {
        for role in [ShopRole.gateway, .orders, .payments, .inventory, .processor] {
            await services[role]?.stop()
        }
        for pool in observers.values { pool.close() }
        client.close()
        await proxy.shutdown()
    }
}

/// Starts services one after another, each behind a link of the proxy.
private struct Starter {
    let proxy: ProxyServer
    let client: HTTPClient
    let databases: [ShopRole: SharedCluster.Database]
    let mutants: [Mutant]
    var services: [ShopRole: RunningService] = [:]

    mutating func start(
        _ role: ShopRole,
        _ start: (ShopServiceConfiguration) async throws -> RunningService
    ) async throws {
        services[role] = try await start(try await configuration(of: role))
    }

    func configuration(of role: ShopRole) async throws -> ShopServiceConfiguration {
        let database = try #require(databases[role])
        let link = try await link(
            "\(role)->\(role)-db",
            upstream: "127.0.0.1:\(database.port)",
            kind: "postgres"
        )
        var peers: [ShopRole: [String]] = [:]
        for peer in role.peers where !peer.isOfEvents {
            let address = try #require(services[peer]).address
            let link = try await self.link(
                "\(role)->\(peer)",
                upstream: "\(address)",
                kind: "http"
            )
            peers[peer] = ["http://\(link)"]
        }
        let port = try #require(link.split(separator: ":").last)
        return ShopServiceConfiguration(
            role: role,
            listen: "127.0.0.1:0",
            database: database.conninfo.replacing(
                "port=\(database.port)",
                with: "port=\(port)"
            ),
            peers: peers,
            mutants: mutants,
            log: "/dev/null",
            pool: 4
        )
    }

    private func link(_ name: String, upstream: String, kind: String) async throws -> String {
        let answer = try await proxy.call(
            client,
            "POST",
            "/proxies",
            [
                "name": .string(name), "listen": "127.0.0.1:0", "upstream": .string(upstream),
                "protocol": .string(kind), "enabled": true,
            ]
        )
        return try #require(answer["listen"]?.stringValue)
    }
}

extension ProxyServer {
    /// A request to the proxy's API; anything but success fails the test.
    func call(
        _ client: HTTPClient,
        _ method: String,
        _ path: String,
        _ body: JSONValue = .null
    ) async throws -> JSONValue {
        let response = try await client.request(
            method,
            url: "http://\(address)\(path)",
            headers: ["Content-Type": "application/json"],
            body: body.isNull ? [] : Array(body.serialized().utf8),
            timeout: .seconds(5)
        )
        let text = String(decoding: response.body, as: UTF8.self)
        try #require((200...299).contains(response.status), "\(method) \(path): \(text)")
        return text.isEmpty ? .null : try JSONValue.parse(text)
    }
}
