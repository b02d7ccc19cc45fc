import EventLoop
import Postgres
import ShopCore

/// Those of `OutboxStatements` that mutants change; without a mutant, they are the same.
struct MutableStatements: Sendable {
    private let context: ServiceContext

    init(_ context: ServiceContext) {
        self.context = context
    }

    var place: String {
        var statement = OutboxStatements.place
        if context.has(.checkThenInsert) {
            statement = statement.mutated("ON CONFLICT (idempotency_key) DO NOTHING", to: "")
        }
        if context.has(.commandInMemory) {
            statement = statement.mutated(
                """
                INSERT INTO outbox (message_id, order_id, type, payload, attempts, next_attempt_at)
                    SELECT $8::uuid, id, 'reserve', $9::jsonb, 1, \(Self.leaseEnd) FROM placed
                    RETURNING sequence
                """,
                to: """
                    SELECT nextval('outbox_sequence_seq') AS sequence FROM placed
                    WHERE $8::uuid IS NOT NULL AND $9::jsonb IS NOT NULL
                    """
            )
        }
        return leased(statement)
    }

    var advance: String {
        var statement = OutboxStatements.advance
        if context.has(.outOfOrderApply) {
            statement =
                statement
                .mutated(
                    "WHERE id = $1::uuid AND state = $2",
                    to: "WHERE id = $1::uuid AND $2 <> ''"
                )
                .mutated(
                    "FROM moved WHERE $7::text IS NOT NULL",
                    to: "FROM moved WHERE $7::text IS NOT NULL ON CONFLICT DO NOTHING"
                )
        }
        return leased(statement)
    }

    private static let leaseEnd = "clock_timestamp() + \(OutboxStatements.lease)"

    /// `Mutant.leaseByLocalClock`: this process's clock says until when.
    private func leased(_ statement: String) -> String {
        guard context.has(.leaseByLocalClock) else { return statement }
        let now = "to_timestamp(\(Loop.wallMicroseconds() / 1_000_000))"
        return statement.mutated(Self.leaseEnd, to: "\(now) + \(OutboxStatements.lease)")
    }

    /// `Mutant.checkThenInsert`: the check; the insert follows, and a world may lie between.
    func lookBeforePlacing(
        _ key: String,
        _ pool: PostgresPool
    ) async throws -> OrderStore.Placement? {
        guard context.has(.checkThenInsert) else { return nil }
        let rows = try await pool.query(OutboxStatements.placedBefore, [.string(key)])
        return try rows.first.map { row throws in
            .known(
                orderID: try row.string("id"),
                requestHash: try row.string("request_hash"),
                state: try row.string("state")
            )
        }
    }

    /// `Mutant.eventBeforeCommit`: the event of an order that is not placed yet.
    func announce(_ id: String, _ order: OrderRequest, _ pool: PostgresPool) async throws {
        guard context.has(.eventBeforeCommit) else { return }
        let sql = """
            INSERT INTO event_outbox (key, type, payload)
            SELECT $1::text, 'order-placed', json_build_object('order', $1::text, 'version', 1,
                'state', 'pending', 'customer', $2::text, 'sku', $3::text, 'quantity', $4::int,
                'amount_cents', $5::bigint, 'at', clock_timestamp())
            """
        _ = try await pool.query(
            sql,
            [
                .string(id), .string(order.customer), .string(order.sku), .int(order.quantity),
                .int(order.amountCents),
            ]
        )
    }

    /// `Mutant.eventAfterCommit`: the event of an order that is confirmed already.
    func tellConfirmed(_ id: String, _ pool: PostgresPool) async {
        guard context.has(.eventAfterCommit) else { return }
        let sql = """
            INSERT INTO event_outbox (key, type, payload)
            SELECT id, 'order-confirmed', json_build_object('order', id, 'version',
                (SELECT count(*) FROM order_history WHERE order_id = id), 'state', state,
                'customer', customer, 'sku', sku, 'quantity', quantity, 'amount_cents',
                amount_cents, 'reason', reason, 'at', updated_at)
            FROM orders WHERE id = $1::uuid
            """
        _ = try? await pool.query(sql, [.string(id)])
    }
}
