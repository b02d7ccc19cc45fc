import Postgres
import ShopBroker
import ShopEvents

/// Writes one notification for each order's end.
struct NotificationHandler: EventHandler {
    /// The newest form of an event that is understood.
    static let versionMax: Int64 = 1

    let consumer = "notifications"
    let topics = ["orders"]

    /// $1 payloads.
    private static let tell = """
        INSERT INTO notifications (order_id, customer, outcome, message)
        SELECT (event ->> 'order')::uuid, event ->> 'customer', event ->> 'state',
            CASE event ->> 'state'
                WHEN 'confirmed' THEN format('Your order of %s × %s is confirmed.',
                    event ->> 'quantity', event ->> 'sku')
                ELSE format('Your order of %s × %s did not succeed: %s. %s',
                    event ->> 'quantity', event ->> 'sku',
                    coalesce(event ->> 'reason', 'no reason given'),
                    CASE event ->> 'refunded' WHEN 'true' THEN 'Your money was given back.'
                    ELSE 'Nothing was charged.' END)
            END
        FROM unnest($1::jsonb[]) WITH ORDINALITY AS e(event, number) ORDER BY number
        """

    func apply(_ messages: [BrokerMessage], _ connection: PostgresConnection) async throws {
        for message in messages where message.version > Self.versionMax {
            throw PoisonedEvent("version \(message.version) of \(message.type) is not known here")
        }
        let ends = messages.filter {
            ["order-confirmed", "order-cancelled", "order-failed"].contains($0.type)
        }
        guard !ends.isEmpty else { return }
        try await connection.query(Self.tell, [.strings(ends.map(\.payload))])
    }
}
