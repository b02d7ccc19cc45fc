import JSON
import Postgres
import ShopCore

/// Looks into projector-db.
struct ReadModel: Sendable {
    /// The most orders of a customer in one answer.
    static let ordersMax = 50

    let context: ServiceContext

    init(_ context: ServiceContext) {
        self.context = context
    }

    /// One order as the model has it.
    struct OrderView: Sendable {
        var version: Int64
        var document: JSONObject
    }

    private static let orderQuery = """
        SELECT version, json_build_object('order', order_id, 'state', state, 'version', version,
            'customer', customer, 'sku', sku, 'quantity', quantity, 'amount_cents', amount_cents,
            'reason', reason, 'placed_at', \(SQLTime.rfc3339("placed_at")),
            'updated_at', \(SQLTime.rfc3339("updated_at")), 'moments', (
                SELECT json_agg(json_build_object('type', type, 'at', \(SQLTime.rfc3339("at")))
                    ORDER BY at) FROM order_moments AS m WHERE m.order_id = v.order_id
            )) AS document
        FROM order_views AS v WHERE order_id = $1::uuid
        """

    private static let customerQuery = """
        SELECT json_build_object('customer', customer, 'placed', placed, 'confirmed', confirmed,
            'cancelled', cancelled, 'spent_cents', spent_cents, 'orders', coalesce((
                SELECT json_agg(json_build_object('order', order_id, 'state', state,
                    'amount_cents', amount_cents, 'placed_at', \(SQLTime.rfc3339("placed_at"))))
                FROM (
                    SELECT * FROM order_views AS v WHERE v.customer = t.customer
                    ORDER BY placed_at DESC LIMIT $2::int
                ) AS latest
            ), '[]'::json)) AS document
        FROM customer_totals AS t WHERE customer = $1
        """

    private static let dashboardQuery = """
        SELECT json_build_object('events', coalesce(
            (SELECT json_object_agg(type, json_build_object('count', events,
                'amount_cents', amount_cents) ORDER BY type) FROM dashboard), '{}'::json)
            ) AS document
        """

    /// $1 a row of orders' statement.
    private static let rewriteQuery = """
        INSERT INTO order_views AS v (order_id, customer, sku, quantity, amount_cents, state,
            reason, version, placed_at, updated_at)
        SELECT "order", customer, sku, quantity, amount_cents, state, reason, version, placed_at,
            updated_at
        FROM json_to_record($1::json) AS r("order" uuid, customer text, sku text, quantity int,
            amount_cents bigint, state text, reason text, version int, placed_at timestamptz,
            updated_at timestamptz)
        ON CONFLICT (order_id) DO UPDATE SET customer = excluded.customer, sku = excluded.sku,
            quantity = excluded.quantity, amount_cents = excluded.amount_cents,
            state = excluded.state, reason = excluded.reason, version = excluded.version,
            updated_at = excluded.updated_at
        WHERE v.version <= excluded.version
        RETURNING version
        """

    /// Writes an order's row as orders tell it, unless the model knows a later version.
    ///
    /// Totals and counts stay: they count events, and one that comes late is counted then.
    func rewrite(_ row: JSONValue) async throws -> Bool {
        try await !query(Self.rewriteQuery, [.json(row.serialized())]).isEmpty
    }

    /// `nil` when the model has no such order.
    func order(_ id: String) async throws -> OrderView? {
        guard let row = try await query(Self.orderQuery, [.string(id)]).first else { return nil }
        return OrderView(version: try row.int("version"), document: try document(row))
    }

    /// `nil` when the model has no such customer.
    func customer(_ name: String) async throws -> JSONValue? {
        try await query(Self.customerQuery, [.string(name), .int(Int64(Self.ordersMax))]).first
            .map { row throws in .object(try document(row)) }
    }

    func dashboard() async throws -> JSONObject {
        guard let row = try await query(Self.dashboardQuery, []).first else { return [:] }
        return try document(row)
    }

    private func document(_ row: PostgresRow) throws -> JSONObject {
        try JSONValue.parse(try row.string("document")).objectValue ?? [:]
    }

    private func query(_ sql: String, _ parameters: [PostgresValue?]) async throws -> PostgresRows {
        try await context.traced("SELECT read model") {
            try await context.pool.query(
                context.commented(sql),
                parameters,
                timeout: ServiceContext.databasePatience
            )
        }
    }
}
