extension Mutant {
    /// Lives in `ShopPayments/ShopPayments.swift`.
    package static let unknownIsCaptured = Mutant(
        name: "unknown-is-captured",
        story:
            "Payments takes a processor that does not answer for one that will have charged "
            + "by and by, so as not to lose the sale; nobody looks afterwards.",
        anomaly: "confirmed but not charged: goods leave, no money came",
        invariant: "money-conserved",
        exposedBy: "mutants/processor-down.json"
    )
}
