/// reconciler-db: what services tell differently of orders, and how far the reconciler has looked.
enum ReconcilerSchema {
    static let script = """
        CREATE TABLE IF NOT EXISTS lease (
            name text PRIMARY KEY,
            holder text NOT NULL,
            until timestamptz NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS positions (
            name text PRIMARY KEY,
            after uuid NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS watched (
            order_id uuid PRIMARY KEY,
            next_look_at timestamptz NOT NULL,
            looks int NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50);
        CREATE INDEX IF NOT EXISTS watched_due ON watched (next_look_at);
        CREATE TABLE IF NOT EXISTS conflicts (
            order_id uuid NOT NULL,
            kind text NOT NULL,
            detail text NOT NULL,
            rule text,
            state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repaired', 'gone')),
            repairs int NOT NULL DEFAULT 0,
            failure text,
            first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            closed_at timestamptz,
            PRIMARY KEY (order_id, kind)
        );
        CREATE INDEX IF NOT EXISTS conflicts_open ON conflicts (last_seen_at) WHERE state = 'open';
        """
}
