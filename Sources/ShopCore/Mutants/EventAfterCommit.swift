extension Mutant {
    /// Lives in `ShopOrders/Outbox/OrderStore.swift`.
    package static let eventAfterCommit = Mutant(
        name: "event-after-commit",
        story:
            "Dual write: the order is confirmed in one transaction, and its event is "
            + "written in the next; a process that dies in between confirms in silence.",
        anomaly: "lost event: confirmed, and nobody ever hears of it",
        invariant: "no-event-lost",
        exposedBy: "mutants/orders-killed-slow-db.json"
    )
}
