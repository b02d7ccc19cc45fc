extension Mutant {
    /// Lives in `ShopProcessor/ShopProcessor.swift` and the schema of the processor.
    package static let keyForgottenEarly = Mutant(
        name: "key-forgotten-early",
        story:
            "The processor keeps idempotency keys for one second although its callers retry "
            + "for minutes, so a late retry is a new charge; real ones keep them for a day, "
            + "and queues that last a weekend meet the same end.",
        anomaly: "double charge: two charges under one key, more than a second apart",
        invariant: "no-double-charge-per-order",
        exposedBy: "mutants/lost-processor-answer.json"
    )
}
