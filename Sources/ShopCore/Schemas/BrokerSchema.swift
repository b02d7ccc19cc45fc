/// broker-db: the log by topic and partition, who may write to it, and who reads which part of it.
enum BrokerSchema {
    /// A partition's counter row is locked from the moment when offsets are dealt out until they
    /// are committed, so offsets become visible in their order and without gaps.
    static let script = """
        CREATE TABLE IF NOT EXISTS broker_partitions (
            topic text NOT NULL,
            partition int NOT NULL CHECK (partition >= 0),
            next_offset bigint NOT NULL DEFAULT 0 CHECK (next_offset >= 0),
            PRIMARY KEY (topic, partition)
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS broker_log (
            topic text NOT NULL,
            partition int NOT NULL,
            log_offset bigint NOT NULL,
            id uuid NOT NULL,
            key text NOT NULL,
            type text NOT NULL,
            version int NOT NULL,
            payload text NOT NULL,
            publisher text NOT NULL,
            token bigint NOT NULL,
            published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (topic, partition, log_offset)
        );
        \(TraceColumn.of("broker_log"))
        CREATE TABLE IF NOT EXISTS broker_fences (
            publisher text PRIMARY KEY,
            token bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS broker_members (
            consumer text NOT NULL,
            member text NOT NULL,
            expires_at timestamptz NOT NULL,
            PRIMARY KEY (consumer, member)
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS broker_leases (
            consumer text NOT NULL,
            topic text NOT NULL,
            partition int NOT NULL,
            member text,
            token bigint NOT NULL DEFAULT 0,
            expires_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            next_offset bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (consumer, topic, partition)
        ) WITH (fillfactor = 50);
        INSERT INTO broker_partitions (topic, partition)
            SELECT topic, partition
            FROM unnest(ARRAY['orders', 'inventory', 'payments']) AS topic,
                generate_series(0, 1) AS partition
            ON CONFLICT DO NOTHING;
        """
}
