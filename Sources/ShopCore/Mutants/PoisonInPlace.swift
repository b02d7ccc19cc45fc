extension Mutant {
    /// Lives in `ShopEvents/Consumer/EventConsumer.swift`.
    package static let poisonInPlace = Mutant(
        name: "poison-in-place",
        story:
            "A batch that fails is tried again until it succeeds, whatever the reason: one "
            + "event that can never be handled stops all that are behind it.",
        anomaly: "head-of-line blocking: the read model stands still",
        invariant: "consumers-caught-up",
        exposedBy: "mutants/poisoned-event.json"
    )
}
