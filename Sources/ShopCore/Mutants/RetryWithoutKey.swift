extension Mutant {
    /// Lives in `ShopOrders/Delivery/ChargeIdentity.swift`.
    package static let retryWithoutKey = Mutant(
        name: "retry-without-key",
        story:
            "Orders makes up a fresh idempotency key for each charge attempt, so a retry after a "
            + "lost answer is a new charge to payments and to the processor.",
        anomaly: "double charge: one order, two charges with different keys",
        invariant: "no-double-charge-per-order",
        exposedBy: "mutants/lost-commit-answer.json"
    )
}
