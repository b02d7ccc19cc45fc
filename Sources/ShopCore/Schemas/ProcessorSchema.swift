/// processor-db: the outside card processor's own ledger; the ground truth of who was charged.
enum ProcessorSchema {
    static let script = """
        CREATE TABLE IF NOT EXISTS charges (
            id text PRIMARY KEY,
            idempotency_key text NOT NULL UNIQUE,
            order_id uuid NOT NULL,
            amount_cents bigint NOT NULL CHECK (amount_cents > 0),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX IF NOT EXISTS charges_order ON charges (order_id);
        CREATE TABLE IF NOT EXISTS refunds (
            id text PRIMARY KEY,
            idempotency_key text UNIQUE NOT NULL,
            charge_id text NOT NULL REFERENCES charges,
            order_id uuid NOT NULL,
            amount_cents bigint NOT NULL CHECK (amount_cents > 0),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX IF NOT EXISTS refunds_charge ON refunds (charge_id);
        """
}
