extension Mutant {
    /// Lives in `ShopEvents/Consumer/ConsumerLedger.swift`.
    package static let offsetBeforeEffect = Mutant(
        name: "offset-before-effect",
        story:
            "The consumer commits its offset when it has read the events and has their "
            + "effect then, as a client library does that commits by itself; what fails in "
            + "between is not read again.",
        anomaly: "at most once: an event without its effect",
        invariant: "every-end-notified",
        exposedBy: "mutants/consumer-statements-fail.json"
    )
}
