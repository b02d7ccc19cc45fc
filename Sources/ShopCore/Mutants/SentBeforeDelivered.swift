extension Mutant {
    /// Lives in `ShopOrders/Delivery/Relay.swift`.
    package static let sentBeforeDelivered = Mutant(
        name: "sent-before-delivered",
        story:
            "The relay marks a command as sent and delivers it then, so as not to send it "
            + "twice; a crash in between loses it.",
        anomaly: "stuck saga: an order that nobody works on",
        invariant: "saga-terminal",
        exposedBy: "mutants/orders-killed.json"
    )
}
