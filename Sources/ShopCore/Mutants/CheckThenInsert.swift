extension Mutant {
    /// Lives in `ShopOrders/Outbox/OrderStore.swift` and the schema of orders.
    package static let checkThenInsert = Mutant(
        name: "check-then-insert",
        story:
            "Orders looks whether the key is known and inserts the order then, without a "
            + "unique constraint: two equal requests at the same time both find nothing.",
        anomaly: "duplicate order: two orders, and two charges, for one key",
        invariant: "one-order-per-key",
        exposedBy: "mutants/double-clicks.json"
    )
}
