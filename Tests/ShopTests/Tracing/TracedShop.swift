import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import ShopCore
import Telemetry
import Testing

/// Every service of the shop in this process, the event side included, without a proxy.
final class TracedShop: Sendable {
    let client = HTTPClient()
    private let databases: [ShopDatabase: SharedCluster.Database]
    private let services: [RunningService]
    let gateway: String

    private init(
        _ databases: [ShopDatabase: SharedCluster.Database],
        _ services: [RunningService]
    ) {
        self.databases = databases
        self.services = services
        gateway = services.last?.url ?? ""
    }

    /// Starts a shop, runs the body on its loop, and stops it; spans go by `tracing`.
    static func run(
        _ tracing: @escaping @Sendable (ShopRole) -> TracingSettings?,
        log: String = "/dev/null",
        _ body: @escaping @Sendable (TracedShop) async throws -> Void
    ) async throws {
        try await onLoop {
            let shop = try await start(tracing, log)
            do {
                try await body(shop)
            } catch {
                await shop.stop()
                throw error
            }
            await shop.stop()
        }
    }

    private static func start(
        _ tracing: @Sendable (ShopRole) -> TracingSettings?,
        _ log: String
    ) async throws -> TracedShop {
        let cluster = try await SharedCluster.instance()
        var databases: [ShopDatabase: SharedCluster.Database] = [:]
        for kind in ShopDatabase.allCases {
            let database = try await cluster.database()
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            defer { connection.close() }
            try await connection.simple(kind.script(hasEvents: true))
            databases[kind] = database
        }
        var urls: [ShopRole: [String]] = [:]
        var services: [RunningService] = []
        let order: [ShopRole] = [
            .processor, .payments, .inventory, .orders, .ordersRelay, .inventoryRelay,
            .paymentsRelay, .notifications, .projector, .gateway,
        ]
        for role in order {
            let own = try #require(role.databases.first.flatMap { databases[$0] })
            var configuration = ShopServiceConfiguration(
                role: role,
                listen: "127.0.0.1:0",
                database: own.socketConninfo,
                broker: databases[.broker]?.socketConninfo,
                peers: urls.filter { role.peers.contains($0.key) },
                log: log,
                pool: 2
            )
            configuration.tracing = tracing(role)
            let service = try await WholeShop.begin(configuration)
            urls[role] = [service.url]
            services.append(service)
        }
        return TracedShop(databases, services)
    }

    func stop() async {
        for service in services.reversed() { await service.stop() }
        client.close()
    }

    /// The first column of a query's first row.
    func text(_ kind: ShopDatabase, _ sql: String) async throws -> String? {
        let database = try #require(databases[kind])
        let connection = try await PostgresConnection.connect(database.socketConninfo)
        defer { connection.close() }
        return try await connection.query(sql).first?.text(at: 0)
    }

    /// Places an order and waits for its end.
    func order(_ amountCents: Int64 = 1999, headers: HTTPHeaders = [:]) async throws -> String {
        var headers = headers
        headers[ShopHeaders.idempotencyKey] = UUIDText.random()
        let order = OrderRequest(
            customer: "c-1",
            sku: "sku-01",
            quantity: 1,
            amountCents: amountCents
        )
        let placed = try await client.request(
            "POST",
            url: gateway + "/orders",
            headers: headers,
            body: Array(order.json.serialized().utf8),
            timeout: .seconds(10)
        )
        try #require(placed.status == 202, "\(placed.text)")
        let id = try #require(try JSONValue.parse(placed.body)["order"]?.stringValue)
        let ended = try await client.request(
            "GET",
            url: "\(gateway)/orders/\(id)?wait=10s",
            timeout: .seconds(15)
        )
        let state = try JSONValue.parse(ended.body)["state"]?.stringValue
        try #require(state == "confirmed" || state == "cancelled", "\(ended.text)")
        return id
    }
}
