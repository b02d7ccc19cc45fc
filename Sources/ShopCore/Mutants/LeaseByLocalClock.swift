extension Mutant {
    /// Lives in `ShopOrders/Outbox/OrderStore.swift`.
    package static let leaseByLocalClock = Mutant(
        name: "lease-by-local-clock",
        story:
            "A claim lasts until a time of the claiming process's clock; one whose clock "
            + "runs ahead, and that dies, keeps its commands for as long as its clock was "
            + "wrong.",
        anomaly: "stuck saga: a command that a dead process holds",
        invariant: "saga-terminal",
        exposedBy: "mutants/orders-clock-ahead-killed.json"
    )
}
