/// projector-db: the read model, computed from the events and from nothing else.
enum ProjectorSchema {
    static let script = """
        CREATE TABLE IF NOT EXISTS order_views (
            order_id uuid PRIMARY KEY,
            customer text NOT NULL,
            sku text NOT NULL,
            quantity int NOT NULL,
            amount_cents bigint NOT NULL,
            state text NOT NULL,
            reason text,
            version int NOT NULL,
            placed_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL
        ) WITH (fillfactor = 50);
        CREATE INDEX IF NOT EXISTS order_views_customer ON order_views (customer, placed_at DESC);
        CREATE TABLE IF NOT EXISTS order_moments (
            order_id uuid NOT NULL,
            source text NOT NULL,
            type text NOT NULL,
            at timestamptz NOT NULL
        );
        CREATE INDEX IF NOT EXISTS order_moments_order ON order_moments (order_id);
        CREATE TABLE IF NOT EXISTS customer_totals (
            customer text PRIMARY KEY,
            placed bigint NOT NULL,
            confirmed bigint NOT NULL,
            cancelled bigint NOT NULL,
            spent_cents bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS dashboard (
            type text PRIMARY KEY,
            events bigint NOT NULL,
            amount_cents bigint NOT NULL
        ) WITH (fillfactor = 50);
        """
}
