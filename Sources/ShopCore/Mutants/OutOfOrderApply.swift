extension Mutant {
    /// Lives in `ShopOrders/Outbox/OrderStore.swift`.
    package static let outOfOrderApply = Mutant(
        name: "out-of-order-apply",
        story:
            "An answer sets the order's state without a look at the state before, so that an "
            + "answer that comes twice, or late, moves the order once more.",
        anomaly: "illegal transition: an order enters a state again, or leaves its last one",
        invariant: "legal-transitions",
        exposedBy: "mutants/repeated-statements.json"
    )
}
