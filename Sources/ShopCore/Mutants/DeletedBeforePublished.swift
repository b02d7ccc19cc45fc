extension Mutant {
    /// Lives in `ShopEvents/Relay/EventRelay.swift`.
    package static let deletedBeforePublished = Mutant(
        name: "deleted-before-published",
        story:
            "The relay takes the events out of the outbox and publishes them then, so as "
            + "not to publish twice; what the broker does not take at that moment is gone.",
        anomaly: "lost event: state changed, and nobody ever hears of it",
        invariant: "no-event-lost",
        exposedBy: "mutants/broker-down.json"
    )
}
