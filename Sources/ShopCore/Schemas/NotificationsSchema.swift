/// notifications-db: what customers were told.
enum NotificationsSchema {
    /// No constraint keeps an order from being told twice: only the inbox does.
    static let script = """
        CREATE TABLE IF NOT EXISTS notifications (
            id bigserial PRIMARY KEY,
            order_id uuid NOT NULL,
            customer text NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('confirmed', 'cancelled', 'failed')),
            message text NOT NULL,
            sent_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE INDEX IF NOT EXISTS notifications_order ON notifications (order_id);
        """
}
