extension Mutant {
    /// Lives in `ShopBroker/Postgres/PostgresBroker.swift`.
    package static let unfencedRelay = Mutant(
        name: "unfenced-relay",
        story:
            "The relay's lease is looked at by the relay alone: what it sent before it was "
            + "paused, or through a network that takes its time, arrives when its successor "
            + "has published already, and the broker takes it.",
        anomaly: "zombie relay: events are published behind the back of the successor",
        invariant: "no-stale-publication",
        exposedBy: "mutants/late-publication.json"
    )
}
