/// The books of payments-db: an append-only log of double entries, and the balances that follow.
///
/// Each row is one event with both its sides, so that debits and credits are equal by their form.
/// It is written by a trigger on `payments`: no statement that changes a payment's state, a
/// person's by hand included, can forget its entry, and nobody can change one.
enum LedgerSchema {
    /// `transaction`: which one wrote it; what is before the horizon is in the balances.
    static let script = """

        CREATE TABLE IF NOT EXISTS ledger_entries (
            id bigserial PRIMARY KEY,
            payment text NOT NULL,
            order_id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('authorisation', 'capture', 'void',
                'refund')),
            debit text NOT NULL,
            credit text NOT NULL CHECK (credit <> debit),
            amount_cents bigint NOT NULL CHECK (amount_cents > 0),
            transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
            at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX IF NOT EXISTS ledger_entries_transaction ON ledger_entries (transaction);
        CREATE TABLE IF NOT EXISTS ledger_balances (
            account text PRIMARY KEY,
            debits bigint NOT NULL,
            credits bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE IF NOT EXISTS ledger_position (
            name text PRIMARY KEY CHECK (name = 'balances'),
            horizon xid8 NOT NULL
        ) WITH (fillfactor = 50);
        INSERT INTO ledger_position VALUES ('balances', '0') ON CONFLICT DO NOTHING;
        CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the ledger is append-only: write a contrary entry';
        END $$;
        CREATE OR REPLACE TRIGGER ledger_append_only
            BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
        CREATE OR REPLACE FUNCTION note_ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' AND NEW.state <> 'failed' THEN
                INSERT INTO ledger_entries (payment, order_id, kind, debit, credit, amount_cents)
                VALUES (NEW.idempotency_key, NEW.order_id, 'authorisation', 'customers', 'held',
                    NEW.amount_cents);
            END IF;
            IF NEW.state = 'captured' THEN
                INSERT INTO ledger_entries (payment, order_id, kind, debit, credit, amount_cents)
                VALUES (NEW.idempotency_key, NEW.order_id, 'capture', 'held', 'sales',
                    NEW.amount_cents);
            ELSIF NEW.state = 'failed' AND TG_OP = 'UPDATE' THEN
                INSERT INTO ledger_entries (payment, order_id, kind, debit, credit, amount_cents)
                VALUES (NEW.idempotency_key, NEW.order_id, 'void', 'held', 'customers',
                    NEW.amount_cents);
            ELSIF NEW.state = 'refunded' THEN
                INSERT INTO ledger_entries (payment, order_id, kind, debit, credit, amount_cents)
                VALUES (NEW.idempotency_key, NEW.order_id, 'refund', 'sales', 'customers',
                    NEW.amount_cents);
            END IF;
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER payment_entries AFTER INSERT OR UPDATE OF state ON payments
            FOR EACH ROW EXECUTE FUNCTION note_ledger_entry();
        """
}
