import Postgres
import ShopBroker
import ShopEvents

/// Brings the read model up to date.
struct ProjectionHandler: EventHandler {
    /// The newest form of an event that is understood.
    static let versionMax: Int64 = 1

    let consumer = "projector"
    let topics = ["orders", "inventory", "payments"]

    /// $1 types, $2 payloads.
    ///
    /// A view takes only a newer version of its order; the counts are right because the inbox lets
    /// each event through once. Rows are touched in the order of their keys, so that two members
    /// do not wait for each other. As jsonb a payload is parsed once, and not for each member.
    private static let project = """
        WITH event AS MATERIALIZED (
            SELECT type, number, (p ->> 'order')::uuid AS order_id, p ->> 'customer' AS customer,
                p ->> 'state' AS state, (p ->> 'version')::int AS version, p ->> 'sku' AS sku,
                (p ->> 'quantity')::int AS quantity, (p ->> 'amount_cents')::bigint AS cents,
                p ->> 'reason' AS reason, (p ->> 'at')::timestamptz AS at
            FROM unnest($1::text[], $2::jsonb[]) WITH ORDINALITY AS e(type, p, number)
        ), viewed AS (
            INSERT INTO order_views AS v (order_id, customer, sku, quantity, amount_cents, state,
                reason, version, placed_at, updated_at)
            SELECT DISTINCT ON (order_id) order_id, customer, sku, quantity, cents, state, reason,
                version, min(at) OVER (PARTITION BY order_id), at
            FROM event WHERE type LIKE 'order-%' ORDER BY order_id, version DESC
            ON CONFLICT (order_id) DO UPDATE SET state = excluded.state,
                reason = excluded.reason, version = excluded.version,
                updated_at = excluded.updated_at
            WHERE v.version < excluded.version
        ), noted AS (
            INSERT INTO order_moments (order_id, source, type, at)
            SELECT order_id, split_part(type, '-', 1), type, at FROM event ORDER BY number
        ), totals AS (
            INSERT INTO customer_totals AS t (customer, placed, confirmed, cancelled, spent_cents)
            SELECT customer, count(*) FILTER (WHERE type = 'order-placed'),
                count(*) FILTER (WHERE type = 'order-confirmed'),
                count(*) FILTER (WHERE type = 'order-cancelled'),
                coalesce(sum(cents) FILTER (WHERE type = 'order-confirmed'), 0)
            FROM event
            WHERE type IN ('order-placed', 'order-confirmed', 'order-cancelled')
            GROUP BY customer ORDER BY customer
            ON CONFLICT (customer) DO UPDATE SET placed = t.placed + excluded.placed,
                confirmed = t.confirmed + excluded.confirmed,
                cancelled = t.cancelled + excluded.cancelled,
                spent_cents = t.spent_cents + excluded.spent_cents
        )
        INSERT INTO dashboard AS d (type, events, amount_cents)
        SELECT type, count(*), coalesce(sum(cents), 0) FROM event GROUP BY type ORDER BY type
        ON CONFLICT (type) DO UPDATE SET events = d.events + excluded.events,
            amount_cents = d.amount_cents + excluded.amount_cents
        """

    func apply(_ messages: [BrokerMessage], _ connection: PostgresConnection) async throws {
        for message in messages where message.version > Self.versionMax {
            throw PoisonedEvent("version \(message.version) of \(message.type) is not known here")
        }
        try await connection.query(
            Self.project,
            [.strings(messages.map(\.type)), .strings(messages.map(\.payload))]
        )
    }
}
