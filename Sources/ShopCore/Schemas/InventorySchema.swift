/// inventory-db: the stock, who holds how much of it, and the messages already handled.
enum InventorySchema {
    /// The seed: `sku-01` … `sku-20`, a million pieces each, and `sku-rare`, of which five exist.
    static let script = """
        CREATE TABLE IF NOT EXISTS stock (
            sku text PRIMARY KEY,
            opening int NOT NULL CHECK (opening >= 0),
            available int NOT NULL CHECK (available >= 0)
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS reservations (
            id uuid PRIMARY KEY,
            order_id uuid NOT NULL,
            sku text NOT NULL,
            quantity int NOT NULL CHECK (quantity > 0),
            state text NOT NULL CHECK (state IN ('held', 'confirmed', 'released')),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
        ) WITH (fillfactor = 50);
        \(TraceColumn.of("reservations"))
        CREATE UNIQUE INDEX IF NOT EXISTS reservations_order
            ON reservations (order_id);
        CREATE TABLE IF NOT EXISTS inbox (
            message_id text PRIMARY KEY,
            handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            response jsonb NOT NULL
        );
        INSERT INTO stock (sku, opening, available)
            SELECT 'sku-' || lpad(number::text, 2, '0'), 1000000, 1000000
            FROM generate_series(1, 20) AS number
            UNION ALL SELECT 'sku-rare', 5, 5
            ON CONFLICT (sku) DO NOTHING;
        """
}
