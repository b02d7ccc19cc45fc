/// The outbox of events in a service's database: what happened, in the transaction in which it did.
///
/// The rows are written by triggers on the tables that hold the state: no statement that changes a
/// state, a person's by hand included, can forget its event. The relay deletes what the broker has.
enum EventOutboxSchema {
    static let script = """

        CREATE TABLE IF NOT EXISTS event_outbox (
            sequence bigserial PRIMARY KEY,
            id uuid NOT NULL,
            key text NOT NULL,
            type text NOT NULL,
            version int NOT NULL DEFAULT 1,
            payload json NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        ALTER TABLE event_outbox ALTER COLUMN id SET DEFAULT \(orderedID);
        \(TraceColumn.of("event_outbox"))
        CREATE TABLE IF NOT EXISTS event_relay (
            name text PRIMARY KEY CHECK (name = 'relay'),
            instance text NOT NULL,
            incarnation text NOT NULL,
            token bigint NOT NULL,
            expires_at timestamptz NOT NULL
        ) WITH (fillfactor = 50);
        """

    /// A UUID whose text begins with the time (version 7, RFC 9562): consumers note the ids that
    /// came, and neighbours in time are neighbours in their index, however long it has become.
    static let orderedID = """
        overlay(gen_random_uuid()::text PLACING overlay(
            lpad(to_hex((date_part('epoch', clock_timestamp()) * 1000)::bigint), 12, '0')
            PLACING '-' FROM 9 FOR 0) || '-7' FROM 1 FOR 15)::uuid
        """

    /// What writes the events of a database; nothing for one that has none.
    static func triggers(for database: ShopDatabase, mutants: [Mutant] = []) -> String {
        mutants.reduce(triggers(for: database)) { $1.triggers(database, $0) }
    }

    private static func triggers(for database: ShopDatabase) -> String {
        switch database {
        case .orders: orders
        case .inventory: inventory
        case .payments: payments
        default: ""
        }
    }

    /// What keeps a database from noting events that nobody would read; what it noted before stays.
    static func withoutTriggers(for database: ShopDatabase) -> String {
        switch database {
        case .orders: "\nDROP TRIGGER IF EXISTS order_events ON order_history;"
        case .inventory: "\nDROP TRIGGER IF EXISTS stock_events ON reservations;"
        case .payments: "\nDROP TRIGGER IF EXISTS payment_events ON payments;"
        default: ""
        }
    }

    private static let order = """
        json_build_object('order', id, 'version', NEW.sequence, 'state', NEW.state,
                    'customer', customer, 'sku', sku, 'quantity', quantity,
                    'amount_cents', amount_cents, 'reason', reason,
                    'at', \(SQLTime.rfc3339("NEW.at")))
        """

    /// `order-placed`, then one for each state; the version is that of the order's history.
    ///
    /// One that was cancelled after its money was given back says so (`refunded`).
    private static let orders = """

        CREATE OR REPLACE FUNCTION note_order_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO event_outbox (key, type, payload, trace)
            SELECT NEW.order_id,
                CASE NEW.state WHEN 'pending' THEN 'order-placed' ELSE 'order-' || NEW.state END,
                CASE WHEN NEW.state = 'cancelled' AND EXISTS (SELECT FROM order_history
                    WHERE order_id = NEW.order_id AND state = 'refunding')
                THEN (\(order)::jsonb || '{"refunded": true}')::json ELSE \(order) END, trace
            FROM orders WHERE id = NEW.order_id;
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER order_events AFTER INSERT ON order_history
            FOR EACH ROW EXECUTE FUNCTION note_order_event();
        """

    /// `stock-held`, `stock-confirmed` and `stock-released`.
    private static let inventory = """

        CREATE OR REPLACE FUNCTION note_stock_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO event_outbox (key, type, payload, trace)
            VALUES (NEW.order_id, 'stock-' || NEW.state, json_build_object('order', NEW.order_id,
                'state', NEW.state, 'sku', NEW.sku, 'quantity', NEW.quantity,
                'at', \(SQLTime.rfc3339("NEW.updated_at"))), NEW.trace);
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER stock_events AFTER INSERT OR UPDATE OF state ON reservations
            FOR EACH ROW EXECUTE FUNCTION note_stock_event();
        """

    /// `payment-captured`, `payment-failed` and `payment-refunded`; what is on its way has not
    /// happened yet.
    private static let payments = """

        CREATE OR REPLACE FUNCTION note_payment_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO event_outbox (key, type, payload, trace)
            VALUES (NEW.order_id, 'payment-' || NEW.state, json_build_object(
                'order', NEW.order_id, 'state', NEW.state, 'amount_cents', NEW.amount_cents,
                'at', \(SQLTime.rfc3339("NEW.updated_at"))), NEW.trace);
            RETURN NULL;
        END $$;
        CREATE OR REPLACE TRIGGER payment_events AFTER INSERT OR UPDATE OF state ON payments
            FOR EACH ROW WHEN (NEW.state NOT IN ('pending', 'refunding'))
            EXECUTE FUNCTION note_payment_event();
        """
}
