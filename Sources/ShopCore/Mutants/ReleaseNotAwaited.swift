extension Mutant {
    /// Lives in `ShopOrders/Delivery/Delivery.swift`.
    package static let releaseNotAwaited = Mutant(
        name: "release-not-awaited",
        story:
            "Fire and forget: the compensation is sent once, and the order is cancelled "
            + "whether the stock came back or not.",
        anomaly: "the order is cancelled and still holds its goods",
        invariant: "goods-settled",
        exposedBy: "mutants/inventory-fails.json"
    )
}
