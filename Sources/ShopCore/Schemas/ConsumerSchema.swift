/// What every consumer of events keeps beside its effects, so that each event has its effect once.
enum ConsumerSchema {
    static let script = """
        CREATE TABLE IF NOT EXISTS inbox (
            message_id uuid PRIMARY KEY,
            handled_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE TABLE IF NOT EXISTS consumer_offsets (
            topic text NOT NULL,
            partition int NOT NULL,
            next_offset bigint NOT NULL,
            token bigint NOT NULL,
            PRIMARY KEY (topic, partition)
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS dead_letters (
            id bigserial PRIMARY KEY,
            message_id uuid NOT NULL UNIQUE,
            topic text NOT NULL,
            partition int NOT NULL,
            log_offset bigint NOT NULL,
            key text NOT NULL,
            type text NOT NULL,
            version int NOT NULL,
            payload text NOT NULL,
            tries int NOT NULL,
            reason text NOT NULL,
            parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            replayed_at timestamptz
        );
        \(TraceColumn.of("dead_letters"))

        """
}
