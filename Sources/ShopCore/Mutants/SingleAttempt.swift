extension Mutant {
    /// Lives in `ShopOrders/Delivery/Relay.swift`.
    package static let singleAttempt = Mutant(
        name: "single-attempt",
        story:
            "Orders asks for the money once, and cancels the order on any error, also on one "
            + "that says nothing about the charge.",
        anomaly: "orphan charge: the card was charged, the order is cancelled",
        invariant: "no-charge-without-order",
        exposedBy: "mutants/lost-processor-answer.json"
    )
}
