import Postgres

// The way of an order's events: outboxes, relays, the log, and those who handle them.
extension ShopTrace {
    /// Nothing for a shop without its event side.
    func events(of order: String) async throws -> [Entry] {
        var entries: [Entry] = []
        for service in ["orders", "inventory", "payments"] {
            entries += try await ask(service, Self.waiting, [.string(order)])
        }
        entries += try await ask("broker", Self.published, [.string(order)])
        let known = try await rows("broker", Self.identities, [.string(order)])
        guard !known.isEmpty else { return entries }
        let ids = PostgresValue.strings(try known.map { row throws in try row.string("id") })
        let types = PostgresValue.strings(try known.map { row throws in try row.string("type") })
        for service in ["projector", "notifications"] {
            entries += try await ask(service, Self.handled, [ids, types])
        }
        return entries + (try await ask("notifications", Self.told, [.string(order)]))
    }

    private static let waiting = """
        SELECT at, 'event ' || type || ' waits for its relay' AS text FROM event_outbox
        WHERE key = $1
        """

    private static let published = """
        SELECT published_at AS at, format('event %s taken from %s-relay (token %s) as %s/%s@%s',
            type, publisher, token, topic, partition, log_offset) AS text
        FROM broker_log WHERE key = $1
        """

    private static let identities = "SELECT DISTINCT id, type FROM broker_log WHERE key = $1"

    /// $1 ids, $2 types.
    private static let handled = """
        SELECT handled_at AS at, 'event ' || type || ' handled' AS text
        FROM inbox JOIN unnest($1::uuid[], $2::text[]) AS e(id, type) ON id = message_id
        UNION ALL
        SELECT parked_at, format('event %s parked after %s tries: %s', d.type, tries, reason)
        FROM dead_letters AS d WHERE message_id = ANY ($1::uuid[])
        """

    private static let told = """
        SELECT sent_at AS at, 'customer was told: ' || message AS text FROM notifications
        WHERE order_id = $1::uuid
        """
}
