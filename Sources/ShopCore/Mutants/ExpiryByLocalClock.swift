extension Mutant {
    /// Lives in `ShopOrders/Delivery/Relay.swift`.
    package static let expiryByLocalClock = Mutant(
        name: "expiry-by-local-clock",
        story:
            "The age of an order is the difference between this process's clock and the time "
            + "that the database wrote; a host whose clock runs ahead expires every order at "
            + "once.",
        anomaly: "order expired seconds after it was placed",
        invariant: "cancelled-for-a-reason",
        exposedBy: "mutants/orders-clock-ahead.json"
    )
}
