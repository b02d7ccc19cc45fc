import ShopCore

/// The statements of orders-db; each is one transaction and one round trip.
///
/// A command is written *claimed*: `next_attempt_at` lies one lease ahead and `attempts` is 1, so
/// the process that wrote it delivers it at once, from memory, and nobody else sees it before the
/// lease is over. All times are the database's, so clocks of processes do not matter.
enum OutboxStatements {
    /// How long a claim lasts unless it is renewed, as an interval.
    static let lease = "interval '5 seconds'"
    /// Whether a placement's key counts no more: a day later, and not before its order is over.
    private static let isExpired = """
        created_at < clock_timestamp() - interval '24 hours'
            AND state IN ('confirmed', 'cancelled', 'failed')
        """

    /// $1 id, $2 key, $3 hash, $4 customer, $5 sku, $6 quantity, $7 amount, $8 message id, $9
    /// payload, $10 trace.
    ///
    /// One row: the new order with its command's number, or the order that has the key already. No
    /// row: another transaction is inserting the same key at this moment; look again.
    static let place = """
        WITH placed AS (
            INSERT INTO orders (id, idempotency_key, request_hash, customer, sku, quantity,
                amount_cents, state, trace)
            VALUES ($1::uuid, $2, $3, $4, $5, $6::int, $7::bigint, 'pending', $10)
            ON CONFLICT (idempotency_key) DO NOTHING
            RETURNING id, request_hash, state
        ), noted AS (
            INSERT INTO order_history (order_id, sequence, state)
            SELECT id, 1, state FROM placed
        ), command AS (
            INSERT INTO outbox (message_id, order_id, type, payload, attempts, next_attempt_at)
            SELECT $8::uuid, id, 'reserve', $9::jsonb, 1, clock_timestamp() + \(lease) FROM placed
            RETURNING sequence
        )
        SELECT id, request_hash, state, (SELECT sequence FROM command) AS sequence,
            false AS is_expired FROM placed
        UNION ALL
        SELECT id, request_hash, state, NULL, \(isExpired) FROM orders WHERE idempotency_key = $2
        """

    /// $1 key.
    static let placedBefore = """
        SELECT id, request_hash, state, NULL::bigint AS sequence, \(isExpired) AS is_expired
        FROM orders WHERE idempotency_key = $1
        """

    /// Sets the key $1 free if it has expired: its order keeps it in a form that no client can
    /// send, with a blank.
    static let freeKey = """
        UPDATE orders SET idempotency_key = idempotency_key || ' of ' || id
        WHERE idempotency_key = $1 AND \(isExpired)
        """

    /// Takes commands whose lease is over, oldest first: $1 most rows.
    static let claim = """
        WITH due AS (
            SELECT sequence FROM outbox
            WHERE sent_at IS NULL AND next_attempt_at <= clock_timestamp()
            ORDER BY next_attempt_at LIMIT $1::int
            FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + \(lease)
        FROM due, orders
        WHERE outbox.sequence = due.sequence AND orders.id = outbox.order_id
        RETURNING outbox.sequence, message_id, order_id, type, payload, attempts,
            (extract(epoch FROM clock_timestamp() - orders.created_at) * 1000)::bigint AS age_ms,
            orders.trace
        """

    /// Makes the claims of this process last: $1 numbers, $2 their attempts; returns those that
    /// still need a delivery.
    static let renew = """
        UPDATE outbox SET attempts = greatest(outbox.attempts, held.attempts),
            next_attempt_at = clock_timestamp() + \(lease)
        FROM unnest($1::bigint[], $2::int[]) AS held(sequence, attempts)
        WHERE outbox.sequence = held.sequence AND sent_at IS NULL
        RETURNING outbox.sequence
        """

    /// Gives claims back at once, for the process that comes next: $1 numbers, $2 their attempts.
    static let giveBack = """
        UPDATE outbox SET attempts = greatest(outbox.attempts, held.attempts),
            next_attempt_at = clock_timestamp()
        FROM unnest($1::bigint[], $2::int[]) AS held(sequence, attempts)
        WHERE outbox.sequence = held.sequence AND sent_at IS NULL
        """

    /// $1 order, $2 state before, $3 state after, $4 reason, $5 number of the command that was
    /// answered, $6 the next command's message id, $7 its type, $8 its payload (the last three
    /// NULL: none).
    ///
    /// One row: whether the order moved, and the next command's number. It may be run again: the
    /// second time the order is no longer in the state before, and nothing changes.
    static let advance = """
        WITH moved AS (
            UPDATE orders SET state = $3, reason = coalesce($4, reason),
                updated_at = clock_timestamp()
            WHERE id = $1::uuid AND state = $2
            RETURNING id
        ), noted AS (
            INSERT INTO order_history (order_id, sequence, state)
            SELECT id, (SELECT max(sequence) + 1 FROM order_history WHERE order_id = $1::uuid), $3
            FROM moved
        ), done AS (
            UPDATE outbox SET sent_at = clock_timestamp()
            WHERE sequence = $5::bigint AND sent_at IS NULL
        ), next AS (
            INSERT INTO outbox (message_id, order_id, type, payload, attempts, next_attempt_at)
            SELECT $6::uuid, id, $7::text, $8::jsonb, 1, clock_timestamp() + \(lease)
            FROM moved WHERE $7::text IS NOT NULL
            RETURNING sequence
        )
        SELECT (SELECT count(*) FROM moved) AS moved, (SELECT sequence FROM next) AS next
        """

    /// $1 number of a command that needs no further delivery.
    static let finish = """
        UPDATE outbox SET sent_at = clock_timestamp()
        WHERE sequence = $1::bigint AND sent_at IS NULL
        """

    /// State, reason and history of the orders $1, times as RFC 3339.
    static let look = """
        SELECT id, state, reason, (
            SELECT json_agg(json_build_object('state', h.state, 'at',
                \(SQLTime.rfc3339("h.at"))) ORDER BY h.sequence)
            FROM order_history h WHERE h.order_id = orders.id
        ) AS history
        FROM orders WHERE id = ANY ($1::uuid[])
        """

    /// What orders' statement says of an order of `orders AS t`.
    static let statementMembers = """
        'state', t.state, 'reason', t.reason, 'version', (
            SELECT max(h.sequence) FROM order_history AS h WHERE h.order_id = t.id
        ), 'customer', t.customer, 'sku', t.sku, 'quantity', t.quantity,
        'amount_cents', t.amount_cents, 'placed_at', t.created_at, 'updated_at', t.updated_at,
        'still_ms', (extract(epoch FROM clock_timestamp() - t.updated_at) * 1000)::bigint
        """

    /// Those of the orders $1 that are over.
    static let over = """
        SELECT id FROM orders
        WHERE id = ANY ($1::uuid[]) AND state IN ('confirmed', 'cancelled', 'failed')
        """
}
