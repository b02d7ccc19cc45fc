import ShopCore

/// The statements of reconciler-db; each is one transaction and one round trip.
enum ConflictStatements {
    /// Takes or keeps the right to reconcile: $1 who, $2 milliseconds.
    ///
    /// One row when it is this instance's.
    static let lease = """
        INSERT INTO lease AS l (name, holder, until)
        VALUES ('reconciler', $1, clock_timestamp() + $2::bigint * interval '1 millisecond')
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
        RETURNING holder
        """

    /// How far a pass has come: $1 its name.
    static let position = "SELECT after FROM positions WHERE name = $1"

    /// $1 name, $2 number of the last order.
    static let move = """
        INSERT INTO positions (name, after) VALUES ($1, $2::uuid)
        ON CONFLICT (name) DO UPDATE SET after = excluded.after
        """

    /// Notes what was found: $1 the orders that were looked at; $2 orders, $3 kinds, $4 details,
    /// $5 rules of what was found; $6 orders that are on their way; $7 kinds that were not looked
    /// for; $8 milliseconds until the next look, doubled each time.
    ///
    /// What is not found any more is closed. A row for each finding: how often it was repaired, for
    /// how long it has been known.
    static let note = """
        WITH found AS MATERIALIZED (
            SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[])
                AS f(order_id, kind, detail, rule)
        ), noted AS (
            INSERT INTO conflicts AS c (order_id, kind, detail, rule)
            SELECT DISTINCT ON (order_id, kind) * FROM found ORDER BY order_id, kind
            ON CONFLICT (order_id, kind) DO UPDATE SET detail = excluded.detail,
                rule = excluded.rule, state = 'open', closed_at = NULL,
                last_seen_at = clock_timestamp(),
                first_seen_at = CASE WHEN c.state = 'open' THEN c.first_seen_at
                    ELSE clock_timestamp() END,
                repairs = CASE WHEN c.state = 'open' THEN c.repairs ELSE 0 END
            RETURNING order_id, kind, repairs, first_seen_at
        ), closed AS (
            UPDATE conflicts SET closed_at = clock_timestamp(),
                state = CASE WHEN repairs > 0 THEN 'repaired' ELSE 'gone' END
            WHERE order_id = ANY ($1::uuid[]) AND state = 'open' AND NOT kind = ANY ($7::text[])
                AND NOT EXISTS (SELECT FROM found WHERE found.order_id = conflicts.order_id
                    AND found.kind = conflicts.kind)
        ), watching AS (
            INSERT INTO watched AS w (order_id, next_look_at)
            SELECT id, clock_timestamp() + $8::bigint * interval '1 millisecond'
            FROM (SELECT unnest($6::uuid[]) AS id UNION SELECT order_id FROM found) AS o
            ON CONFLICT (order_id) DO UPDATE SET looks = w.looks + 1,
                next_look_at = clock_timestamp() + least(interval '10 minutes',
                    $8::bigint * interval '1 millisecond' * 2 ^ least(w.looks, 10))
        ), unwatched AS (
            DELETE FROM watched WHERE order_id = ANY ($1::uuid[])
                AND NOT order_id = ANY ($6::uuid[])
                AND NOT order_id IN (SELECT order_id FROM found)
        )
        SELECT order_id, kind, repairs, (extract(epoch FROM clock_timestamp() - first_seen_at)
            * 1000)::bigint AS age_ms FROM noted
        """

    /// Orders that are to be looked at again now: $1 most.
    static let due = """
        SELECT order_id FROM watched WHERE next_look_at <= clock_timestamp()
        ORDER BY next_look_at LIMIT $1::int
        """

    /// A repair was tried: $1 order, $2 kind, $3 what failed, NULL: it worked; $4 milliseconds
    /// until somebody looks.
    static let tried = """
        WITH again AS (
            UPDATE watched SET looks = 1,
                next_look_at = clock_timestamp() + $4::bigint * interval '1 millisecond'
            WHERE order_id = $1::uuid AND $3::text IS NULL
        )
        UPDATE conflicts SET repairs = repairs + ($3::text IS NULL)::int, failure = $3
        WHERE order_id = $1::uuid AND kind = $2
        """

    /// $1 whether closed ones too, $2 most.
    static let list = """
        SELECT order_id, kind, detail, rule, state, repairs, failure,
            \(SQLTime.rfc3339("first_seen_at")) AS first_seen_at, \(SQLTime.rfc3339("closed_at")) AS closed_at
        FROM conflicts WHERE state = 'open' OR $1::bool
        ORDER BY state = 'open' DESC, last_seen_at DESC LIMIT $2::int
        """
}
