extension Mutant {
    /// Lives in `ShopEvents/Consumer/ConsumerLedger.swift`.
    package static let deadLetterDropped = Mutant(
        name: "dead-letter-dropped",
        story:
            "An event that fails five times is logged and passed over; the log is rotated "
            + "after a week.",
        anomaly: "event without effect: the read model lacks it for ever, and nobody has it",
        invariant: "every-event-handled",
        exposedBy: "mutants/projector-fails.json"
    )
}
