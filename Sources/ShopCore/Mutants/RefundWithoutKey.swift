extension Mutant {
    /// Lives in `ShopPayments/ProcessorClient+Refunds.swift` and `ShopProcessor/RefundDesk.swift`.
    package static let refundWithoutKey = Mutant(
        name: "refund-without-key",
        story:
            "Each attempt to give money back has a new key, and goes out as a credit to the card "
            + "that names no charge: a processor has nothing by which to see that it was made, or "
            + "that it is more than was paid.",
        anomaly: "double refund: the money is given back once for each attempt",
        invariant: "no-double-refund",
        exposedBy: "mutants/holds-lost.json"
    )
}
