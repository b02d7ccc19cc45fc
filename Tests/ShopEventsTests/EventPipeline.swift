import EventLoop
import HTTP
import JSON
import Postgres
import PostgresServer
import ShopBroker
import ShopCore
import ShopEvents
import ShopProjector
import Telemetry
import Testing

@testable import ShopNotifications

/// Three databases, and the relays and consumers that a test starts between them; on a loop.
final class EventPipeline: Sendable {
    let orders: SharedCluster.Database
    let broker: SharedCluster.Database
    let notifications: SharedCluster.Database
    let projector: SharedCluster.Database
    /// Where relays and consumers find the broker.
    let address: String
    let client = HTTPClient()

    private init(_ address: String?) async throws {
        let cluster = try await SharedCluster.instance()
        func database(_ kind: ShopDatabase) async throws -> SharedCluster.Database {
            let database = try await cluster.database()
            let connection = try await PostgresConnection.connect(database.socketConninfo)
            defer { connection.close() }
            try await connection.simple(kind.script(hasEvents: true))
            return database
        }
        orders = try await database(.orders)
        broker = try await database(.broker)
        notifications = try await database(.notifications)
        projector = try await database(.projector)
        self.address = address ?? broker.socketConninfo
    }

    /// With the log in PostgreSQL as the broker unless an address is given.
    static func run(
        broker address: String? = nil,
        _ body: @escaping @Sendable (EventPipeline) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "pipeline")
        defer { loop.stop() }
        try await loop.spawn { try await body(try await EventPipeline(address)) }.value
    }

    func relay(_ name: String = "orders-relay") async throws -> RunningService {
        try await EventRelay.start(configuration(.ordersRelay, orders, name: name))
    }

    func notifier() async throws -> RunningService {
        try await NotificationsService.start(configuration(.notifications, notifications))
    }

    func projection() async throws -> RunningService {
        try await ProjectorService.start(configuration(.projector, projector))
    }

    /// A member of the group `notifications` that runs nothing by itself: a test hands it batches.
    func member() throws -> EventConsumer {
        EventConsumer(
            ServiceContext(configuration(.notifications, notifications), logger: .silent),
            broker: try BrokerAddress.broker(at: address),
            handler: NotificationHandler()
        )
    }

    private func configuration(
        _ role: ShopRole,
        _ database: SharedCluster.Database,
        name: String? = nil
    ) -> ShopServiceConfiguration {
        ShopServiceConfiguration(
            role: role,
            name: name,
            listen: "127.0.0.1:0",
            database: database.socketConninfo,
            broker: address,
            log: "/dev/null",
            pool: 4
        )
    }

    /// The first column of the first row as a number.
    func number(_ database: SharedCluster.Database, _ sql: String) async throws -> Int64 {
        let connection = try await PostgresConnection.connect(database.socketConninfo)
        defer { connection.close() }
        let row = try #require(try await connection.query(sql).first)
        return try #require(row.text(at: 0).flatMap { Int64($0) })
    }

    func run(_ database: SharedCluster.Database, _ sql: String) async throws {
        let connection = try await PostgresConnection.connect(database.socketConninfo)
        defer { connection.close() }
        try await connection.simple(sql)
    }

    /// Waits until the number is as wished; half a minute at most.
    func until(
        _ database: SharedCluster.Database,
        _ sql: String,
        is wished: Int64
    ) async throws {
        var last: Int64 = -1
        for _ in 0..<1500 {
            last = try await number(database, sql)
            if last == wished { return }
            try await Loop.current?.sleep(for: .milliseconds(20))
        }
        Issue.record("\(sql) is \(last) and not \(wished)")
    }

    /// Orders that went straight to their end, with every state in their history.
    func place(_ count: Int, customer: String = "c-1") async throws {
        try await run(
            orders,
            """
            WITH placed AS (
                INSERT INTO orders (id, idempotency_key, request_hash, customer, sku, quantity,
                    amount_cents, state)
                SELECT id, id, 'h', '\(customer)', 'sku-01', 2, 500, 'confirmed'
                FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, \(count))) AS new
                RETURNING id
            )
            INSERT INTO order_history (order_id, sequence, state)
            SELECT id, number, state FROM placed,
                unnest(ARRAY['pending', 'reserved', 'captured', 'confirmed'])
                    WITH ORDINALITY AS s(state, number)
            ORDER BY id, number
            """
        )
    }

    /// Messages for the topic `orders`, published at once.
    func publish(_ messages: [BrokerMessage], token: Int64 = 1) async throws {
        let broker = try BrokerAddress.broker(at: address)
        let publisher = BrokerPublisher(name: "orders", token: token)
        try await broker.publish(messages, to: "orders", by: publisher)
        await broker.close()
    }

    static func ended(_ customer: String?, version: Int64 = 1) -> BrokerMessage {
        let order = UUIDText.random()
        var payload: JSONObject = [
            "order": .string(order), "version": 4, "state": "confirmed", "sku": "sku-01",
            "quantity": 1, "amount_cents": 100, "at": "2026-01-01T00:00:00Z",
        ]
        payload["customer"] = customer.map { .string($0) }
        return BrokerMessage(
            id: UUIDText.random(),
            key: order,
            type: "order-confirmed",
            version: version,
            payload: JSONValue.object(payload).serialized()
        )
    }

    func get(_ service: RunningService, _ path: String, method: String = "GET") async throws -> (
        status: Int, body: JSONValue
    ) {
        let response = try await client.request(
            method,
            url: service.url + path,
            timeout: .seconds(10)
        )
        return (response.status, (try? JSONValue.parse(response.body)) ?? .null)
    }
}
