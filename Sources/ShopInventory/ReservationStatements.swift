import ShopCore

/// The statements of inventory-db; each is one transaction and one round trip.
///
/// The inbox row is written by the same statement as the effect, so a message is handled or it is
/// not.
struct ReservationStatements: Sendable {
    /// $1 message id, $2 reservation id, $3 order, $4 sku, $5 quantity, $6 trace.
    ///
    /// One row: `replay`, the answer of an earlier delivery, or else the state of the order's
    /// reservation after this one (`out-of-stock` when there is none). A unique violation means
    /// that an equal request was faster: run it again and it finds the reservation.
    let reserve: String
    /// `Self.release`, unless a mutant changed it.
    let release: String

    /// The statements, as the mutants have them that are switched on.
    init(_ context: ServiceContext) {
        let existing =
            context.has(.noReservationCheck)
            ? "SELECT NULL::text AS state WHERE $3::uuid IS NULL"
            : "SELECT state FROM reservations WHERE order_id = $3::uuid"
        let reserve = """
            WITH replay AS (
                SELECT response FROM inbox WHERE message_id = $1
            ), existing AS (
                \(existing)
            ), taken AS (
                UPDATE stock SET available = available - $5::int
                WHERE sku = $4 AND available >= $5::int
                    AND NOT EXISTS (SELECT FROM existing) AND NOT EXISTS (SELECT FROM replay)
                RETURNING sku
            ), held AS (
                INSERT INTO reservations (id, order_id, sku, quantity, state, trace)
                SELECT $2::uuid, $3::uuid, sku, $5::int, 'held', $6::text FROM taken
                RETURNING state
            ), answer AS (
                SELECT coalesce((SELECT state FROM held), (SELECT state FROM existing),
                    'out-of-stock') AS state
            ), noted AS (
                INSERT INTO inbox (message_id, response)
                SELECT $1, jsonb_build_object('state', state) FROM answer
                WHERE NOT EXISTS (SELECT FROM replay)
                ON CONFLICT (message_id) DO NOTHING
            )
            SELECT (SELECT response ->> 'state' FROM replay) AS replay,
                (SELECT state FROM answer) AS state
            """
        let isLeftUnasked = context.has(.oversell)
        self.reserve =
            isLeftUnasked
            ? reserve.mutated("WHERE sku = $4 AND available >= $5::int", to: "WHERE sku = $4")
            : reserve
        let held = "WHERE order_id = $2::uuid AND state = 'held'"
        let unsold = "WHERE order_id = $2::uuid AND state <> 'confirmed'"
        release = context.has(.releaseTwice) ? Self.release.mutated(held, to: unsold) : Self.release
    }

    /// Sells what an order holds: $1 message id, $2 order, $3 trace.
    ///
    /// One row: the state of the order's reservation after this, NULL when there is none.
    static let confirm = """
        WITH sold AS (
            UPDATE reservations SET state = 'confirmed', updated_at = clock_timestamp(),
                trace = coalesce($3::text, trace)
            WHERE order_id = $2::uuid AND state = 'held'
            RETURNING state
        ), answer AS (
            SELECT coalesce((SELECT state FROM sold LIMIT 1),
                (SELECT state FROM reservations WHERE order_id = $2::uuid LIMIT 1)) AS state
        ), noted AS (
            INSERT INTO inbox (message_id, response)
            SELECT $1, jsonb_build_object('state', state) FROM answer WHERE state = 'confirmed'
            ON CONFLICT (message_id) DO NOTHING
        )
        SELECT state FROM answer
        """

    /// $1 message id, $2 order, $3 id of a new reservation, $4 sku, $5 quantity, $6 trace.
    ///
    /// One row: the state of the order's reservation after this; NULL when a reservation appeared
    /// at this moment (run it again). Where there was none, a released one is left behind, so that
    /// a reserve message that arrives late holds nothing.
    private static let release = """
        WITH freed AS (
            UPDATE reservations SET state = 'released', updated_at = clock_timestamp(),
                trace = coalesce($6::text, trace)
            WHERE order_id = $2::uuid AND state = 'held'
            RETURNING sku, quantity
        ), restocked AS (
            UPDATE stock SET available = available + back.quantity
            FROM (SELECT sku, sum(quantity)::int AS quantity FROM freed GROUP BY sku) AS back
            WHERE stock.sku = back.sku
        ), left_behind AS (
            INSERT INTO reservations (id, order_id, sku, quantity, state, trace)
            SELECT $3::uuid, $2::uuid, $4, $5::int, 'released', $6::text
            WHERE NOT EXISTS (SELECT FROM reservations WHERE order_id = $2::uuid)
            ON CONFLICT DO NOTHING
            RETURNING state
        ), answer AS (
            SELECT coalesce((SELECT 'released' FROM freed LIMIT 1),
                (SELECT state FROM left_behind),
                (SELECT state FROM reservations WHERE order_id = $2::uuid LIMIT 1)) AS state
        ), noted AS (
            INSERT INTO inbox (message_id, response)
            SELECT $1, jsonb_build_object('state', state) FROM answer WHERE state = 'released'
            ON CONFLICT (message_id) DO NOTHING
        )
        SELECT state FROM answer
        """
}
