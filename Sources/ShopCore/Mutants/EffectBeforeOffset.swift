extension Mutant {
    /// Lives in `ShopEvents/Consumer/ConsumerLedger.swift`.
    package static let effectBeforeOffset = Mutant(
        name: "effect-before-offset",
        story:
            "The consumer has the effect in a transaction of its own and notes inbox and "
            + "offset in the next; what fails in between comes again, and its effect with "
            + "it.",
        anomaly: "effect had twice: a customer is told twice",
        invariant: "no-double-notification",
        exposedBy: "mutants/consumer-statements-fail.json"
    )
}
