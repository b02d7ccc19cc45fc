import ShopCore

/// The statements of a consumer's own database.
enum ConsumerStatements {
    /// Where the lanes $1 topics, $2 partitions are; new ones begin at 0.
    static let positions = """
        WITH begun AS (
            INSERT INTO consumer_offsets (topic, partition, next_offset, token)
            SELECT topic, partition, 0, 0 FROM unnest($1::text[], $2::int[])
                AS lane(topic, partition)
            ON CONFLICT DO NOTHING
            RETURNING topic, partition, next_offset
        )
        SELECT topic, partition, next_offset FROM begun
        UNION ALL
        SELECT o.topic, o.partition, o.next_offset FROM consumer_offsets AS o
        JOIN unnest($1::text[], $2::int[]) AS lane(topic, partition)
            ON o.topic = lane.topic AND o.partition = lane.partition
        """

    /// Takes the lanes $1 topics, $2 partitions over: each gets a token that nobody had.
    static let claim = """
        INSERT INTO consumer_offsets AS o (topic, partition, next_offset, token)
        SELECT topic, partition, 0, 1 FROM unnest($1::text[], $2::int[]) AS lane(topic, partition)
        ON CONFLICT (topic, partition) DO UPDATE SET token = o.token + 1
        RETURNING topic, partition, next_offset, token
        """

    /// Moves lanes $1 topics, $2 partitions with $3 tokens from $4 to $5 offsets, and notes the
    /// messages $6.
    ///
    /// One row: how many lanes moved (fewer than given: another member has taken over), how many
    /// messages are new, and their ids when some are not.
    private static let advance = """
        WITH moved AS (
            UPDATE consumer_offsets AS o SET next_offset = lane.new_offset, token = lane.token
            FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
                AS lane(topic, partition, token, old_offset, new_offset)
            WHERE o.topic = lane.topic AND o.partition = lane.partition
                AND o.next_offset = lane.old_offset AND o.token <= lane.token
            RETURNING 1
        ), fresh AS (
            INSERT INTO inbox (message_id) SELECT unnest($6::uuid[])
            ON CONFLICT (message_id) DO NOTHING
            RETURNING message_id
        )
        SELECT (SELECT count(*) FROM moved) AS moved, count(*) AS fresh,
            CASE WHEN count(*) < cardinality($6::uuid[])
                THEN string_agg(message_id::text, ',') END AS ids
        FROM fresh
        """

    /// `advance`, as the mutants have it that are switched on.
    static func advance(for context: ServiceContext) -> String {
        guard context.has(.noInbox) else { return advance }
        return advance.mutated(
            """
            INSERT INTO inbox (message_id) SELECT unnest($6::uuid[])
                ON CONFLICT (message_id) DO NOTHING
                RETURNING message_id
            """,
            to: "SELECT unnest($6::uuid[]) AS message_id"
        )
    }

    /// Parks a message: $1 id, $2 topic, $3 partition, $4 offset, $5 key, $6 type, $7 version, $8
    /// payload, $9 tries, $10 reason, $11 trace.
    static let park = """
        INSERT INTO dead_letters (message_id, topic, partition, log_offset, key, type, version,
            payload, tries, reason, trace)
        VALUES ($1::uuid, $2, $3::int, $4::bigint, $5, $6, $7::int, $8, $9::int, $10, $11)
        ON CONFLICT (message_id) DO NOTHING
        """

    /// Dead letters, the newest first; $1 most.
    static let deadLetters = """
        SELECT \(columns) FROM dead_letters ORDER BY id DESC LIMIT $1::int
        """

    static let deadLetter = "SELECT \(columns) FROM dead_letters WHERE id = $1::bigint"

    /// A dead letter that was not replayed yet, locked.
    static let deadLetterToReplay = """
        SELECT \(columns) FROM dead_letters WHERE id = $1::bigint AND replayed_at IS NULL FOR UPDATE
        """

    static let replayed = """
        UPDATE dead_letters SET replayed_at = clock_timestamp() WHERE id = $1::bigint
        """

    private static let columns = """
        id, message_id, topic, partition, log_offset, key, type, version, payload, tries, reason,
            trace,
            \(SQLTime.rfc3339("parked_at")) AS parked_at,
            replayed_at IS NOT NULL AS is_replayed
        """
}
