import ChaosProxy
import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import ShopCore
import ShopEvents
import ShopGateway
import ShopInventory
import ShopNotifications
import ShopOrders
import ShopPayments
import ShopProcessor
import ShopProjector
import ShopReconciler
import Testing

/// Every service of the shop in this process, each link to a database or a peer through the proxy.
final class WholeShop: Sendable {
    let client: HTTPClient
    let databases: [ShopDatabase: SharedCluster.Database]
    let services: [ShopRole: RunningService]
    private let proxy: ProxyServer

    private init(
        client: HTTPClient,
        proxy: ProxyServer,
        databases: [ShopDatabase: SharedCluster.Database],
        services: [ShopRole: RunningService]
    ) {
        self.client = client
        self.proxy = proxy
        self.databases = databases
        self.services = services
    }

    /// Starts a shop, runs the body on its loop, and stops it; `clients` are further clients of
    /// the API with their requests a second.
    static func run(
        clients: [String: Int],
        _ body: @escaping @Sendable (WholeShop) async throws -> Void
    ) async throws {
        try await onLoop {
            let shop = try await start(clients)
            do {
                try await body(shop)
            } catch {
                await shop.stop()
                throw error
            }
            await shop.stop()
        }
    }

    private static func start(_ clients: [String: Int]) async throws -> WholeShop {
        let cluster = try await SharedCluster.instance()
        var databases: [ShopDatabase: SharedCluster.Database] = [:]
        for kind in ShopDatabase.allCases {
            let database = try await cluster.database()
            databases[kind] = database
            try await run(kind.script(hasEvents: true), in: database)
        }
        for (key, rate) in clients {
            try await run(
                "INSERT INTO clients VALUES ('\(key)', '\(key)', \(rate))",
                in: try #require(databases[.gateway])
            )
        }
        var options = ProxyServerOptions()
        options.port = 0
        let proxy = try await ProxyServer.start(options)
        let client = HTTPClient()
        var services: [ShopRole: RunningService] = [:]
        // Whoever is asked starts first.
        for role in ShopRole.allCases.sorted(by: { $0.depth < $1.depth }) {
            let kind = try #require(role.databases.first)
            let own = try #require(databases[kind])
            let link = try await proxy.link(
                client,
                "\(role)->\(kind.name)",
                "127.0.0.1:\(own.port)"
            )
            let port = try #require(link.split(separator: ":").last)
            var peers: [ShopRole: [String]] = [:]
            for peer in role.peers {
                let address = try #require(services[peer]).address
                let link = try await proxy.link(client, "\(role)->\(peer)", "\(address)")
                peers[peer] = ["http://\(link)"]
            }
            services[role] = try await begin(
                ShopServiceConfiguration(
                    role: role,
                    listen: "127.0.0.1:0",
                    database: own.conninfo.replacing("port=\(own.port)", with: "port=\(port)"),
                    broker: databases[.broker]?.socketConninfo,
                    peers: peers,
                    log: "/dev/null",
                    pool: 2
                )
            )
        }
        return WholeShop(client: client, proxy: proxy, databases: databases, services: services)
    }

    /// Starts a service of any role on the current loop; a reconciler in haste.
    static func begin(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        switch configuration.role {
        case .gateway: try await GatewayService.start(configuration)
        case .orders: try await OrdersService.start(configuration)
        case .inventory: try await InventoryService.start(configuration)
        case .payments: try await PaymentsService.start(configuration)
        case .processor: try await ProcessorService.start(configuration)
        case .ordersRelay, .inventoryRelay, .paymentsRelay:
            try await EventRelay.start(configuration)
        case .notifications: try await NotificationsService.start(configuration)
        case .projector: try await ProjectorService.start(configuration)
        case .reconciler:
            try await ReconcilerService.start(configuration, pace: ReconcilerTests.pace)
        }
    }

    func stop() async {
        for role in services.keys.sorted(by: { $0.depth > $1.depth }) {
            await services[role]?.stop()
        }
        client.close()
        await proxy.shutdown()
    }

    /// Switches a link on or off.
    func setLink(_ name: String, enabled: Bool) async throws {
        let path = "/proxies/" + name.replacing(">", with: "%3E")
        _ = try await proxy.call(client, "POST", path, ["enabled": .bool(enabled)])
    }

    /// Runs statements in a database, past the proxy.
    func run(_ kind: ShopDatabase, _ sql: String) async throws {
        try await Self.run(sql, in: try #require(databases[kind]))
    }

    private static func run(_ sql: String, in database: SharedCluster.Database) async throws {
        let connection = try await PostgresConnection.connect(database.socketConninfo)
        defer { connection.close() }
        try await connection.simple(sql)
    }
}

extension ProxyServer {
    /// Makes a link on a free port and returns its address.
    fileprivate func link(
        _ client: HTTPClient,
        _ name: String,
        _ upstream: String
    ) async throws -> String {
        let link: JSONValue = [
            "name": .string(name), "listen": "127.0.0.1:0", "upstream": .string(upstream),
            "enabled": true,
        ]
        return try #require(try await call(client, "POST", "/proxies", link)["listen"]?.stringValue)
    }
}
