extension Mutant {
    /// Lives in `ShopBroker/Postgres/PostgresBroker.swift`.
    package static let roundRobinPartitions = Mutant(
        name: "round-robin-partitions",
        story:
            "The producer names no key for the partition, so that the load is spread "
            + "evenly, and an order's events with it.",
        anomaly: "events out of order: they are read by several consumers, each at its own pace",
        invariant: "events-in-order",
        exposedBy: "mutants/calm.json"
    )
}
