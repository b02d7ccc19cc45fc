extension Mutant {
    /// Lives in `ShopOrders/Delivery/Relay.swift`.
    package static let neverReclaims = Mutant(
        name: "never-reclaims",
        story:
            "Commands are delivered by the process that wrote them and by no other: nobody "
            + "looks for what a dead process left in the outbox.",
        anomaly: "stuck saga: an order that nobody works on",
        invariant: "saga-terminal",
        exposedBy: "mutants/orders-killed.json"
    )
}
