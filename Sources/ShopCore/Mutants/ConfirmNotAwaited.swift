extension Mutant {
    /// Lives in `ShopOrders/Delivery/Delivery.swift`.
    package static let confirmNotAwaited = Mutant(
        name: "confirm-not-awaited",
        story:
            "Fire and forget: the sale is reported to inventory, and the order is confirmed "
            + "whether inventory heard of it or not.",
        anomaly: "the order is confirmed and its goods are still only held",
        invariant: "goods-settled",
        exposedBy: "mutants/inventory-fails.json"
    )
}
