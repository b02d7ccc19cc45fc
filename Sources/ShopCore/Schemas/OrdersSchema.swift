/// orders-db: the orders, each change of state, and the commands to the other services.
enum OrdersSchema {
    /// `fillfactor`: an order is updated three times and a command once or more, so leave room on
    /// the page.
    static let script = """
        CREATE TABLE IF NOT EXISTS orders (
            id uuid PRIMARY KEY,
            idempotency_key text NOT NULL UNIQUE,
            request_hash text NOT NULL,
            customer text NOT NULL,
            sku text NOT NULL,
            quantity int NOT NULL CHECK (quantity > 0),
            amount_cents bigint NOT NULL CHECK (amount_cents > 0),
            state text NOT NULL CHECK (state IN
                ('pending', 'reserved', 'captured', 'confirmed', 'refunding', 'compensating',
                'cancelled', 'failed')),
            reason text,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
        ) WITH (fillfactor = 50);
        \(TraceColumn.of("orders"))
        CREATE TABLE IF NOT EXISTS order_history (
            order_id uuid NOT NULL REFERENCES orders,
            sequence int NOT NULL,
            state text NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (order_id, sequence)
        );
        CREATE TABLE IF NOT EXISTS saga_resolutions (
            order_id uuid NOT NULL REFERENCES orders,
            action text NOT NULL CHECK (action IN ('retry', 'cancel', 'fail')),
            reason text NOT NULL,
            author text NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX IF NOT EXISTS saga_resolutions_order ON saga_resolutions (order_id);
        CREATE TABLE IF NOT EXISTS outbox (
            sequence bigserial PRIMARY KEY,
            message_id uuid NOT NULL UNIQUE,
            order_id uuid NOT NULL REFERENCES orders,
            type text NOT NULL CHECK (type IN
                ('reserve', 'charge', 'confirm', 'refund', 'release')),
            payload jsonb NOT NULL,
            attempts int NOT NULL DEFAULT 0,
            next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            sent_at timestamptz,
            UNIQUE (order_id, type)
        ) WITH (fillfactor = 50);
        CREATE INDEX IF NOT EXISTS outbox_due ON outbox (next_attempt_at) WHERE sent_at IS NULL;
        """
}
