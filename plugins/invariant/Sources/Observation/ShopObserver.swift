import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import Postgres

/// Reads the shop's databases through their observers, never through a link that a fault may hit.
struct ShopObserver: Sendable {
    /// The databases that are read, by the service that owns them.
    enum Source: String, CaseIterable, Sendable {
        case processor, payments, inventory, orders
        case broker, notifications, projector

        /// Whether a shop can do without it.
        var isOfEvents: Bool { [.broker, .notifications, .projector].contains(self) }
    }

    let observers: [Source: String]
    /// Whether the shop has an event side.
    let hasEvents: Bool
    /// For connecting and for each query.
    private let timeout: Duration

    /// Errors: the run has no system description, or it names no observer for a database.
    init(_ context: StepContext) throws {
        guard let system = context.system else {
            throw InvariantError(
                "there is no system to observe — the experiment names none."
                    + " Set \"system\": \"shop\"."
            )
        }
        hasEvents = system.databases.contains { $0.service == Source.projector.rawValue }
        var observers: [Source: String] = [:]
        for source in Source.allCases where hasEvents || !source.isOfEvents {
            let database = system.databases.first { $0.service == source.rawValue }
            // Another broker than ours keeps its log elsewhere.
            if source == .broker, database == nil { continue }
            guard let observer = database?.observer else {
                throw InvariantError(
                    "the database of \(source.rawValue) has no observer — system \(system.name)."
                        + " Start the system, or add \"observer\" to its description."
                )
            }
            observers[source] = observer
        }
        self.observers = observers
        timeout = .milliseconds(Int64(context.arguments["timeout"]?.doubleValue ?? 30_000))
    }

    /// Everything, each database in one snapshot: effects before their causes, so that no charge is
    /// seen whose order was placed after the orders were read; and the log after the outboxes.
    func observe(history: (any HistorySource)?) async throws -> Observation {
        var observation = Observation()
        // Before the databases: what a client was told by now must be found there.
        observation.replies = history?.replies()
        var events = try await effects()
        try await snapshot(of: .processor) { connection in
            observation.charges = try await charges(connection)
            observation.refunds = try await refunds(connection)
        }
        try await snapshot(of: .payments) { connection in
            observation.payments = try await payments(connection)
            observation.ledger = try await ledger(connection)
            events?.pending += try await pending(.payments, connection)
        }
        try await snapshot(of: .inventory) { connection in
            observation.reservations = try await reservations(connection)
            observation.stock = try await stock(connection)
            events?.pending += try await pending(.inventory, connection)
        }
        try await snapshot(of: .orders) { connection in
            observation.commands = try await commands(connection)
            observation.orders = try await orders(connection)
            events?.pending += try await pending(.orders, connection)
        }
        if let seen = events { events?.log = try await log(beside: seen) }
        observation.events = events
        return observation
    }

    /// A connection of its own for the time of `body`.
    func connected<T>(
        to source: Source,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        guard let conninfo = observers[source] else {
            preconditionFailure("every source has an observer")
        }
        let connection = try await PostgresConnection.connect(conninfo, timeout: timeout)
        defer { connection.close() }
        return try await body(connection)
    }

    func snapshot<T>(
        of source: Source,
        _ body: (PostgresConnection) async throws -> T
    ) async throws -> T {
        try await connected(to: source) { connection in
            try await connection.transaction(isolation: .repeatableRead) { connection in
                try await connection.simple("SET TRANSACTION READ ONLY")
                return try await body(connection)
            }
        }
    }
}

extension ShopObserver {
    /// UTC with microseconds, as everywhere in the journal.
    static func time(_ column: String) -> String {
        "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    }

    func rows(_ connection: PostgresConnection, _ sql: String) async throws -> PostgresRows {
        try await connection.query(sql, timeout: timeout)
    }

    private func charges(_ connection: PostgresConnection) async throws -> [Observation.Charge] {
        let sql = """
            SELECT id, idempotency_key, order_id, amount_cents, \(Self.time("created_at"))
            FROM charges ORDER BY created_at, id
            """
        return try await rows(connection, sql).map { row in
            .init(
                id: text(row, 0),
                key: text(row, 1),
                order: text(row, 2),
                cents: try number(row, 3),
                at: text(row, 4)
            )
        }
    }

    private func refunds(_ connection: PostgresConnection) async throws -> [Observation.Refund] {
        let sql = """
            SELECT id, idempotency_key, charge_id, order_id, amount_cents,
                \(Self.time("created_at"))
            FROM refunds ORDER BY created_at, id
            """
        return try await rows(connection, sql).map { row in
            .init(
                id: text(row, 0),
                key: text(row, 1),
                charge: text(row, 2),
                order: text(row, 3),
                cents: try number(row, 4),
                at: text(row, 5)
            )
        }
    }

    private func payments(_ connection: PostgresConnection) async throws -> [Observation.Payment] {
        let sql = "SELECT idempotency_key, order_id, amount_cents, state, charge_id FROM payments"
        return try await rows(connection, sql).map { row in
            .init(
                key: text(row, 0),
                order: text(row, 1),
                cents: try number(row, 2),
                state: text(row, 3),
                charge: row.text(at: 4)
            )
        }
    }

    private func reservations(
        _ connection: PostgresConnection
    ) async throws -> [Observation.Reservation] {
        let sql = """
            SELECT id, order_id, sku, quantity, state, \(Self.time("created_at"))
            FROM reservations ORDER BY created_at, id
            """
        return try await rows(connection, sql).map { row in
            .init(
                id: text(row, 0),
                order: text(row, 1),
                sku: text(row, 2),
                quantity: try number(row, 3),
                state: text(row, 4),
                createdAt: text(row, 5)
            )
        }
    }

    private func stock(_ connection: PostgresConnection) async throws -> [Observation.Stock] {
        let sql = "SELECT sku, opening, available FROM stock ORDER BY sku"
        return try await rows(connection, sql).map { row in
            .init(sku: text(row, 0), opening: try number(row, 1), available: try number(row, 2))
        }
    }

    private func orders(_ connection: PostgresConnection) async throws -> [Observation.Order] {
        let sql = """
            SELECT id, idempotency_key, sku, quantity, amount_cents, state,
                \(Self.time("created_at")), reason
            FROM orders ORDER BY created_at, id
            """
        let moments = try await moments(connection)
        return try await rows(connection, sql).map { row in
            .init(
                id: text(row, 0),
                key: text(row, 1),
                sku: text(row, 2),
                quantity: try number(row, 3),
                cents: try number(row, 4),
                state: text(row, 5),
                createdAt: text(row, 6),
                cancelledFor: row.text(at: 7),
                history: moments[text(row, 0)] ?? []
            )
        }
    }

    private func commands(_ connection: PostgresConnection) async throws -> [Observation.Command] {
        let sql = """
            SELECT order_id, type, attempts, (extract(epoch FROM
                coalesce(sent_at, clock_timestamp()) - orders.created_at) * 1000)::bigint
            FROM outbox JOIN orders ON orders.id = order_id ORDER BY outbox.sequence
            """
        return try await rows(connection, sql).map { row in
            .init(
                order: text(row, 0),
                type: text(row, 1),
                attempts: try number(row, 2),
                ageMilliseconds: try number(row, 3)
            )
        }
    }

    private func moments(
        _ connection: PostgresConnection
    ) async throws -> [String: [Observation.Moment]] {
        let sql = """
            SELECT order_id, state, \(Self.time("at"))
            FROM order_history ORDER BY order_id, sequence
            """
        var moments: [String: [Observation.Moment]] = [:]
        for row in try await rows(connection, sql) {
            moments[text(row, 0), default: []].append(
                .init(state: text(row, 1), at: text(row, 2))
            )
        }
        return moments
    }

    func text(_ row: PostgresRow, _ column: Int) -> String { row.text(at: column) ?? "" }

    func number(_ row: PostgresRow, _ column: Int) throws -> Int64 {
        guard let number = row.text(at: column).flatMap({ Int64($0) }) else {
            let name = row.columns[column].name
            throw InvariantError("\(name) is no whole number — in the shop's tables.")
        }
        return number
    }
}
