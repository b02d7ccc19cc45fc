extension Mutant {
    /// Lives in `ShopOrders/Delivery/Delivery.swift`.
    package static let chargeBeforeReserve = Mutant(
        name: "charge-before-reserve",
        story:
            "The money is taken before the stock is held, since a charge is what the "
            + "business waits for; when the article is sold out the order is cancelled and the "
            + "charge stays.",
        anomaly: "charge without reservation: money taken for goods that nobody has",
        invariant: "no-charge-without-order",
        exposedBy: "mutants/sold-out.json"
    )
}
