import JSON
import Postgres
import ShopCore

/// The refunds of payments: columns of their rows in payments-db.
///
/// As with charges, the intent is durable before the processor is asked (`refunding`), and the
/// result before the caller is answered (`refunded`).
struct RefundStore: Sendable {
    private let context: ServiceContext
    private let group: PostgresGroup

    init(_ context: ServiceContext) {
        self.context = context
        group = PostgresGroup(context.pool, .explicit, timeout: Self.patience)
    }

    private static let patience = ServiceContext.databasePatience

    /// A payment as far as its refund goes.
    struct Payment: Sendable, Equatable {
        var key: String
        var order: String
        var amountCents: Int64
        var state: String
        /// The charge's name at the processor; `nil` when nothing was charged.
        var charge: String?
        /// The refund's name at the processor.
        var refund: String?
        /// Whether this call wrote the intent.
        var isFresh: Bool
        /// What this very message was answered before.
        var replay: JSONValue?
    }

    private static let columns = "order_id, amount_cents, state, charge_id, refund_id"

    /// $1 key, $2 amount, $3 message id.
    ///
    /// One row: the payment as it was before, and whether its refund began now.
    private static let intend = """
        WITH begun AS (
            UPDATE payments SET state = 'refunding', updated_at = clock_timestamp()
            WHERE idempotency_key = $1 AND amount_cents = $2::bigint AND state = 'captured'
                AND charge_id IS NOT NULL
            RETURNING 1
        )
        SELECT \(columns), EXISTS (SELECT FROM begun) AS is_fresh, (
            SELECT response FROM inbox WHERE message_id = $3
                AND response ->> 'state' = 'refunded' AND response ->> 'order' = order_id::text
        ) AS replay
        FROM payments WHERE idempotency_key = $1
        """

    /// $1 key.
    private static let find = """
        SELECT \(columns), false AS is_fresh, NULL AS replay FROM payments
        WHERE idempotency_key = $1
        """

    /// $1 key, $2 refund id, $3 response, $4 message id.
    private static let record = """
        WITH recorded AS (
            UPDATE payments SET state = 'refunded', refund_id = $2,
                updated_at = clock_timestamp()
            WHERE idempotency_key = $1 AND state = 'refunding'
        )
        INSERT INTO inbox (message_id, response) VALUES ($4, $3::jsonb)
        ON CONFLICT (message_id) DO NOTHING
        """

    /// The first transaction: the intent, when the payment is captured and of that amount; `nil`
    /// when there is no such payment.
    func intend(_ request: PaymentRefundRequest, messageID: String) async throws -> Payment? {
        try await context.traced("UPDATE payments") {
            try await group.query(
                Self.intend,
                [.string(request.payment), .int(request.amountCents), .string(messageID)],
                timeout: Self.patience
            )
        }.first.map { row throws in try payment(row, key: request.payment) }
    }

    /// The payment of a key.
    func find(_ key: String) async throws -> Payment? {
        try await context.pool.query(
            context.commented(Self.find),
            [.string(key)],
            timeout: Self.patience
        ).first.map { row throws in try payment(row, key: key) }
    }

    /// The second transaction: the result, once.
    func record(
        _ refund: String,
        _ response: JSONValue,
        key: String,
        messageID: String
    ) async throws {
        _ = try await context.traced("UPDATE payments") {
            try await group.query(
                Self.record,
                [
                    .string(key), .string(refund), .json(response.serialized()),
                    .string(messageID),
                ],
                timeout: Self.patience
            )
        }
    }

    private func payment(_ row: PostgresRow, key: String) throws -> Payment {
        Payment(
            key: key,
            order: try row.string("order_id"),
            amountCents: try row.int("amount_cents"),
            state: try row.string("state"),
            charge: try row.stringOrNil("charge_id"),
            refund: try row.stringOrNil("refund_id"),
            isFresh: try row.bool("is_fresh"),
            replay: try row.stringOrNil("replay").map { text throws in
                try JSONValue.parse(text)
            }
        )
    }
}
