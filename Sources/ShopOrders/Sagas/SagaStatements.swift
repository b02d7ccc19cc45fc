import ShopCore

/// The statements by which a person looks at sagas that do not move, and moves them.
///
/// Each is one transaction; what was decided, why and by whom is written by the same statement.
enum SagaStatements {
    /// Orders on their way that have not moved for $1 milliseconds, the stillest first: $2 most.
    static let list = """
        SELECT \(columns) FROM orders \(lastCommand)
        WHERE state NOT IN ('confirmed', 'cancelled', 'failed')
            AND updated_at <= clock_timestamp() - $1::bigint * interval '1 millisecond'
        ORDER BY updated_at LIMIT $2::int
        """

    /// Order $1, its commands and what was decided by hand.
    static let show = """
        SELECT \(columns), (
            SELECT json_agg(json_build_object('type', type, 'attempts', attempts,
                'sent', sent_at IS NOT NULL) ORDER BY sequence)
            FROM outbox WHERE order_id = orders.id
        ) AS commands, (
            SELECT json_agg(json_build_object('state', state, 'at', \(SQLTime.rfc3339("at")))
                ORDER BY sequence)
            FROM order_history WHERE order_id = orders.id
        ) AS history, (
            SELECT json_agg(json_build_object('action', action, 'reason', reason,
                'author', author, 'at', \(SQLTime.rfc3339("at"))) ORDER BY at)
            FROM saga_resolutions WHERE order_id = orders.id
        ) AS resolutions
        FROM orders \(lastCommand) WHERE orders.id = $1::uuid
        """

    /// Sends the command that order $1 waits for again: $2 a message id, should there be none, $3
    /// reason, $4 author.
    ///
    /// One row when the order is on its way.
    static let retry = """
        WITH stuck AS (
            SELECT * FROM orders WHERE id = $1::uuid
                AND state NOT IN ('confirmed', 'cancelled', 'failed') FOR UPDATE
        ), again AS (
            INSERT INTO outbox (message_id, order_id, type, payload)
            SELECT $2::uuid, id, CASE state WHEN 'pending' THEN 'reserve'
                WHEN 'reserved' THEN 'charge' WHEN 'captured' THEN 'confirm'
                WHEN 'refunding' THEN 'refund' ELSE 'release' END,
                \(payload)
            FROM stuck
            ON CONFLICT (order_id, type) DO UPDATE SET sent_at = NULL,
                next_attempt_at = clock_timestamp()
        ), noted AS (
            INSERT INTO saga_resolutions (order_id, action, reason, author)
            SELECT id, 'retry', $3, $4 FROM stuck
        )
        SELECT state FROM stuck
        """

    /// Begins the compensation of order $1, which nobody can charge any more: $2 a message id, $3
    /// reason, $4 author.
    ///
    /// One row when the order had not been charged.
    static let cancel = compensation(
        from: "'pending', 'reserved'",
        to: .compensating,
        command: .release
    )

    /// The same of order $1, which was charged and which nobody can sell any more: the money is
    /// given back first.
    static let refund = compensation(from: "'captured'", to: .refunding, command: .refund)

    private static func compensation(
        from states: String,
        to state: OrderState,
        command: SagaCommand
    ) -> String {
        """
        WITH moved AS (
            UPDATE orders SET state = '\(state)', reason = $3, updated_at = clock_timestamp()
            WHERE id = $1::uuid AND state IN (\(states))
            RETURNING *
        ), \(ended), \(stated), begun AS (
            INSERT INTO outbox (message_id, order_id, type, payload)
            SELECT $2::uuid, id, '\(command)', \(payload) FROM moved
        ), noted AS (
            INSERT INTO saga_resolutions (order_id, action, reason, author)
            SELECT id, 'cancel', $3, $4 FROM moved
        )
        SELECT state FROM moved
        """
    }

    /// Takes order $1 out of the saga for a person to settle: $2 reason, $3 author.
    static let fail = """
        WITH moved AS (
            UPDATE orders SET state = 'failed', reason = $2, updated_at = clock_timestamp()
            WHERE id = $1::uuid AND state NOT IN ('confirmed', 'cancelled', 'failed')
            RETURNING *
        ), \(ended), \(stated), noted AS (
            INSERT INTO saga_resolutions (order_id, action, reason, author)
            SELECT id, 'fail', $2, $3 FROM moved
        )
        SELECT state FROM moved
        """

    private static let columns = """
        orders.id, state, orders.reason, customer, sku, quantity, amount_cents,
            (extract(epoch FROM clock_timestamp() - updated_at) * 1000)::bigint AS still_ms,
            last.type AS command, last.attempts, last.sent_at IS NOT NULL AS is_sent
        """

    private static let lastCommand = """
        LEFT JOIN LATERAL (
            SELECT type, attempts, sent_at FROM outbox WHERE order_id = orders.id
            ORDER BY sequence DESC LIMIT 1
        ) AS last ON true
        """

    private static let payload = """
        jsonb_build_object('customer', customer, 'sku', sku, 'quantity', quantity,
                    'amount_cents', amount_cents)
        """

    private static let ended = """
        ended AS (
            UPDATE outbox SET sent_at = clock_timestamp() FROM moved
            WHERE outbox.order_id = moved.id AND sent_at IS NULL
        )
        """

    private static let stated = """
        stated AS (
            INSERT INTO order_history (order_id, sequence, state)
            SELECT id, (SELECT max(sequence) + 1 FROM order_history WHERE order_id = $1::uuid),
                state
            FROM moved
        )
        """
}
