extension Mutant {
    /// Lives in `ShopPayments/ProcessorClient.swift`.
    package static let centsAsDouble = Mutant(
        name: "cents-as-double",
        story:
            "The amount passes through a floating-point number of whole units on its way to "
            + "the processor and is cut to cents again: 1.15 becomes 1.14.",
        anomaly: "charged another amount than was captured",
        invariant: "money-conserved",
        exposedBy: "mutants/calm.json"
    )
}
