extension Mutant {
    /// Lives in `ShopOrders/Delivery/Relay.swift`.
    package static let timeoutIsCancel = Mutant(
        name: "timeout-is-cancel",
        story:
            "Orders gives up after three attempts without an answer and cancels the order, "
            + "but refunds nothing: the first attempt may have charged the card.",
        anomaly: "orphan charge: the card was charged, the order is cancelled",
        invariant: "no-charge-without-order",
        exposedBy: "mutants/payments-flaky.json"
    )
}
