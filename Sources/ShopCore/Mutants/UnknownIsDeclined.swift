extension Mutant {
    /// Lives in `ShopPayments/ShopPayments.swift`.
    package static let unknownIsDeclined = Mutant(
        name: "unknown-is-declined",
        story:
            "Payments takes a processor that does not answer for one that says no; whether "
            + "the charge went through before the connection broke is never asked.",
        anomaly: "orphan charge: the card was charged, the order is cancelled",
        invariant: "no-charge-without-order",
        exposedBy: "mutants/lost-processor-answer.json"
    )
}
