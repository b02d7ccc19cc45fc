extension Mutant {
    /// Lives in `ShopOrders/Delivery/Relay.swift`.
    package static let retryStorm = Mutant(
        name: "retry-storm",
        story:
            "A failed delivery is tried again after five milliseconds, without backoff, "
            + "jitter, breaker or budget; a peer that comes back is met by everybody at once.",
        anomaly: "retry amplification: hundreds of attempts for one command",
        invariant: "attempts-bounded",
        exposedBy: "mutants/processor-down.json"
    )
}
