extension Mutant {
    /// Lives in `ShopOrders/ShopOrders.swift`.
    package static let acknowledgedUnwritten = Mutant(
        name: "acknowledged-unwritten",
        story:
            "Orders answers 202 without looking at what became of its transaction: an error "
            + "of the database is logged, and the client is told that its order is placed.",
        anomaly: "acknowledged write lost",
        invariant: "acknowledged-order-exists",
        exposedBy: "mutants/orders-statements-fail.json"
    )
}
