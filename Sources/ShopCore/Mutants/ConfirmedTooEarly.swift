extension Mutant {
    /// Lives in `ShopOrders/ShopOrders.swift`.
    package static let confirmedTooEarly = Mutant(
        name: "confirmed-too-early",
        story:
            "The status page calls an order confirmed as soon as its goods are held, because "
            + "the charge hardly ever fails.",
        anomaly: "false answer: a client was told confirmed, the order is cancelled",
        invariant: "told-outcome-stands",
        exposedBy: "mutants/bad-cards.json"
    )
}
