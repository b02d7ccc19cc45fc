extension Mutant {
    /// Lives in `ShopEvents/Consumer/ConsumerStatements.swift`.
    package static let noInbox = Mutant(
        name: "no-inbox",
        story:
            "The consumer trusts its offset to keep out what came before; a relay "
            + "publishes at least once, and what was published twice has two offsets.",
        anomaly: "effect had twice: a customer is told twice",
        invariant: "no-double-notification",
        exposedBy: "mutants/repeated-publications.json"
    )
}
