import ShopCore

/// The statements of broker-db.
enum BrokerStatements {
    /// The channel on which everything is told; the payload is the topic, or the group whose
    /// members changed.
    static let channel = "shop_broker"
    static let partitions = """
        SELECT count(*) AS count FROM broker_partitions WHERE topic = $1
        """

    /// $1 publisher, $2 token, $3 topic, then arrays: $4 partitions, $5 ids, $6 keys, $7 types, $8
    /// versions, $9 payloads, $10 traces (or none at all).
    ///
    /// One row: whether the token was good enough, and how many messages were written. The fence's
    /// row is locked, so that two holders of one outbox cannot publish at the same time; the
    /// partitions' rows are locked in their order, so that two topics' publishers cannot wait for
    /// each other.
    private static let publish = """
        WITH fence AS (
            INSERT INTO broker_fences (publisher, token) VALUES ($1, $2::bigint)
            ON CONFLICT (publisher) DO UPDATE SET token = excluded.token
                WHERE broker_fences.token <= excluded.token
            RETURNING token
        ), batch AS MATERIALIZED (
            SELECT *, row_number() OVER (PARTITION BY partition ORDER BY number) - 1 AS place
            FROM unnest($4::int[], $5::uuid[], $6::text[], $7::text[], $8::int[], $9::text[],
                $10::text[])
                WITH ORDINALITY AS b(partition, id, key, type, version, payload, trace, number)
        ), locked AS MATERIALIZED (
            SELECT partition FROM broker_partitions
            WHERE topic = $3 AND partition IN (SELECT partition FROM batch)
                AND EXISTS (SELECT FROM fence)
            ORDER BY partition FOR UPDATE
        ), moved AS (
            UPDATE broker_partitions AS p SET next_offset = p.next_offset + counts.number
            FROM (SELECT partition, count(*) AS number FROM batch JOIN locked USING (partition)
                GROUP BY partition) AS counts
            WHERE p.topic = $3 AND p.partition = counts.partition
            RETURNING p.partition, p.next_offset - counts.number AS base
        ), written AS (
            INSERT INTO broker_log (topic, partition, log_offset, id, key, type, version, payload,
                publisher, token, trace)
            SELECT $3, batch.partition, base + place, id, key, type, version, payload, $1,
                $2::bigint, trace
            FROM batch JOIN moved ON moved.partition = batch.partition
            ORDER BY number
            RETURNING 1
        )
        SELECT (SELECT count(*) FROM fence) AS admitted,
            (SELECT count(*) FROM written) AS written, pg_notify('\(channel)', $3)
        """

    /// `publish`; for `Mutant.unfencedRelay` with any token.
    static func publish(isFenced: Bool) -> String {
        isFenced
            ? publish
            : publish.mutated("WHERE broker_fences.token <= excluded.token", to: "")
    }

    /// What follows in the lanes $1 topics, $2 partitions, from $3 offsets, $4 most of each.
    static let fetch = """
        SELECT found.* FROM unnest($1::text[], $2::int[], $3::bigint[])
            AS lane(topic, partition, from_offset)
        CROSS JOIN LATERAL (
            SELECT topic, partition, log_offset, id, key, type, version, payload,
                (extract(epoch FROM published_at) * 1000000)::bigint AS published_us, trace
            FROM broker_log
            WHERE broker_log.topic = lane.topic AND broker_log.partition = lane.partition
                AND log_offset >= lane.from_offset
            ORDER BY log_offset LIMIT $4::int
        ) AS found
        """

    /// Makes the leases of a group $1 for all partitions of the topics $2.
    static let prepare = """
        INSERT INTO broker_leases (consumer, topic, partition)
        SELECT $1, topic, partition FROM broker_partitions WHERE topic = ANY ($2::text[])
        ON CONFLICT DO NOTHING
        """

    /// One member of a group plans at a time: $1 group.
    static let lock = "SELECT pg_advisory_xact_lock(hashtextextended('broker ' || $1, 0))"

    /// Says that member $2 of group $1 is alive for $3 ms, forgets those who are not, and names
    /// all.
    static let members = """
        WITH gone AS (
            DELETE FROM broker_members
            WHERE consumer = $1 AND member <> $2 AND expires_at < clock_timestamp()
            RETURNING member
        ), alive AS (
            INSERT INTO broker_members (consumer, member, expires_at)
            VALUES ($1, $2, clock_timestamp() + $3::bigint * interval '1 millisecond')
            ON CONFLICT (consumer, member) DO UPDATE SET expires_at = excluded.expires_at
        )
        SELECT $2 AS member
        UNION SELECT member FROM broker_members
        WHERE consumer = $1 AND member NOT IN (SELECT member FROM gone)
        """

    /// The leases of group $1 on the topics $2.
    static let leases = """
        SELECT topic, partition, member, expires_at < clock_timestamp() AS is_over, token,
            next_offset
        FROM broker_leases WHERE consumer = $1 AND topic = ANY ($2::text[])
        ORDER BY topic, partition
        """

    /// Takes and renews lanes of group $1 for member $2: $3 topics, $4 partitions, for $5 ms.
    ///
    /// A lane that changes its holder gets a new token. One row for each lane: token and offset.
    static let hold = """
        UPDATE broker_leases AS l SET member = $2,
            expires_at = clock_timestamp() + $5::bigint * interval '1 millisecond',
            token = CASE WHEN l.member = $2 THEN l.token ELSE l.token + 1 END
        FROM unnest($3::text[], $4::int[]) AS lane(topic, partition)
        WHERE consumer = $1 AND l.topic = lane.topic AND l.partition = lane.partition
        RETURNING l.topic, l.partition, l.token, l.next_offset
        """

    /// Gives lanes of group $1 up that member $2 holds: $3 topics, $4 partitions.
    static let release = """
        UPDATE broker_leases AS l SET member = NULL
        FROM unnest($3::text[], $4::int[]) AS lane(topic, partition)
        WHERE consumer = $1 AND member = $2 AND l.topic = lane.topic
            AND l.partition = lane.partition
        """

    /// Notes what is handled in group $1: $2 topics, $3 partitions, $4 tokens, $5 offsets.
    static let acknowledge = """
        UPDATE broker_leases AS l SET next_offset = greatest(l.next_offset, done.next_offset)
        FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[])
            AS done(topic, partition, token, next_offset)
        WHERE consumer = $1 AND l.topic = done.topic AND l.partition = done.partition
            AND l.token = done.token
        """

    /// Member $2 leaves group $1.
    static let leave = """
        WITH left_behind AS (
            UPDATE broker_leases SET member = NULL WHERE consumer = $1 AND member = $2
        ), gone AS (
            DELETE FROM broker_members WHERE consumer = $1 AND member = $2
        )
        SELECT pg_notify('\(channel)', $1)
        """

    /// Tells the group $1 to plan again.
    static let tell = "SELECT pg_notify('\(channel)', $1)"
}
