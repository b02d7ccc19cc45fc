extension Mutant {
    /// Lives in `ShopOrders/Delivery/Delivery.swift`.
    package static let recomputedAmount = Mutant(
        name: "recomputed-amount",
        story:
            "A retry of the charge computes the amount anew, as price by piece times "
            + "quantity, and rounds; the key is the first attempt's, so the other amount is "
            + "refused for ever.",
        anomaly: "stuck saga: charged, and never confirmed",
        invariant: "saga-terminal",
        exposedBy: "mutants/lost-commit-answer.json"
    )
}
