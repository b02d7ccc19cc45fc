extension Mutant {
    /// Lives in `ShopOrders/Delivery/Delivery.swift`.
    package static let declinedIsPaid = Mutant(
        name: "declined-is-paid",
        story:
            "Orders reads payments' answer by its body's presence and not by its status: a "
            + "declined card counts as paid.",
        anomaly: "confirmed without a capture",
        invariant: "confirmed-has-one-capture-and-reservation",
        exposedBy: "mutants/bad-cards.json"
    )
}
