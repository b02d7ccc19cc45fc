/// payments-db: one row per idempotency key, written before the processor is asked.
enum PaymentsSchema {
    static let script = """
        CREATE TABLE IF NOT EXISTS payments (
            idempotency_key text PRIMARY KEY,
            request_hash text NOT NULL,
            order_id uuid NOT NULL,
            amount_cents bigint NOT NULL CHECK (amount_cents > 0),
            state text NOT NULL CHECK (state IN
                ('pending', 'captured', 'failed', 'refunding', 'refunded')),
            charge_id text,
            refund_id text,
            response jsonb,
            created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
        ) WITH (fillfactor = 50);
        \(TraceColumn.of("payments"))
        CREATE INDEX IF NOT EXISTS payments_order ON payments (order_id);
        CREATE TABLE IF NOT EXISTS inbox (
            message_id text PRIMARY KEY,
            handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            response jsonb NOT NULL
        );
        """
}
