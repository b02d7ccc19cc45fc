extension Mutant {
    /// Lives in `ShopOrders/Outbox/OrderStore.swift`.
    package static let eventBeforeCommit = Mutant(
        name: "event-before-commit",
        story:
            "The event is written by a statement of its own before the transaction that "
            + "places the order; when that fails, the event is out.",
        anomaly: "phantom: the read model shows an order that was never placed",
        invariant: "no-phantom-event",
        exposedBy: "mutants/orders-statements-fail.json"
    )
}
