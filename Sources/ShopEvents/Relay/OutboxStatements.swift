import ShopCore

/// The statements of an outbox of events.
enum OutboxStatements {
    /// How long the relay's lease lasts unless it is renewed.
    static let lease = "interval '3 seconds'"

    /// Takes or renews the lease: $1 instance, $2 incarnation.
    ///
    /// One row with the token when it is ours. A new incarnation of the holder takes over at once:
    /// should the old one still live, the broker refuses its token.
    static let claim = """
        INSERT INTO event_relay (name, instance, incarnation, token, expires_at)
        VALUES ('relay', $1, $2, 1, clock_timestamp() + \(lease))
        ON CONFLICT (name) DO UPDATE SET instance = excluded.instance,
            incarnation = excluded.incarnation, expires_at = excluded.expires_at,
            token = CASE WHEN event_relay.incarnation = excluded.incarnation
                THEN event_relay.token ELSE event_relay.token + 1 END
        WHERE event_relay.instance = excluded.instance
            OR event_relay.expires_at < clock_timestamp()
        RETURNING token
        """

    /// Gives the lease back: $1 incarnation.
    static let giveBack = """
        UPDATE event_relay SET expires_at = clock_timestamp() WHERE incarnation = $1
        """

    /// Deletes what was published, $1 numbers, and reads what follows, $2 most rows.
    ///
    /// In the order of their numbers, which is that of the transactions for each order: one begins
    /// after the one before has ended.
    private static let next = """
        WITH published AS (
            DELETE FROM event_outbox WHERE sequence = ANY ($1::bigint[])
        )
        SELECT sequence, id, key, type, version, payload, trace FROM event_outbox
        WHERE sequence <> ALL ($1::bigint[]) ORDER BY sequence LIMIT $2::int
        """

    /// `next`, as the mutants have it that are switched on.
    static func next(for context: ServiceContext) -> String {
        if context.has(.outboxByID) { return next.mutated("ORDER BY sequence", to: "ORDER BY id") }
        guard context.has(.outboxByNumber) else { return next }
        return next.mutated(
            "WHERE sequence <> ALL ($1::bigint[])",
            to: "WHERE sequence > coalesce((SELECT max(n) FROM unnest($1::bigint[]) AS n), 0)"
        )
    }

    /// The same without reading: $1 numbers.
    static let delete = "DELETE FROM event_outbox WHERE sequence = ANY ($1::bigint[])"
}
