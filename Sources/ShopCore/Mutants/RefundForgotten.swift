extension Mutant {
    /// Lives in `ShopOrders/Delivery/Delivery+GivingBack.swift`.
    package static let refundForgotten = Mutant(
        name: "refund-forgotten",
        story:
            "The compensation of an order that was charged already gives the stock back and "
            + "cancels it; the step that gives the money back was never written.",
        anomaly: "orphan charge: the card was charged, the order is cancelled",
        invariant: "no-charge-without-order",
        exposedBy: "mutants/holds-lost.json"
    )
}
