extension Mutant {
    /// Lives in `ShopEvents/Relay/OutboxStatements.swift`.
    package static let outboxByID = Mutant(
        name: "outbox-by-id",
        story:
            "The relay reads the outbox in the order of its primary key, which was a "
            + "number once and is a random UUID since the migration.",
        anomaly: "events out of order: an order is confirmed before it is placed",
        invariant: "events-in-order",
        exposedBy: "mutants/broker-down.json"
    )
}
