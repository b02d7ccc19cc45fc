extension Mutant {
    /// Lives in `ShopPayments/ShopPayments.swift`.
    package static let pendingIsFailed = Mutant(
        name: "pending-is-failed",
        story:
            "Payments finds its own row of an earlier attempt still pending and answers that "
            + "the card was declined, as if an attempt without a result had had no effect.",
        anomaly: "orphan charge: the card was charged, the order is cancelled",
        invariant: "no-charge-without-order",
        exposedBy: "mutants/lost-processor-answer.json"
    )
}
