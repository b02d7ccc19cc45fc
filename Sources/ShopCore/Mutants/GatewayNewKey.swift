extension Mutant {
    /// Lives in `ShopGateway/ShopGateway.swift`.
    package static let gatewayNewKey = Mutant(
        name: "gateway-new-key",
        story:
            "The gateway retries a placement without an answer by itself, and gives the "
            + "retry a key of its own, as a generic retry filter does that fills in what looks "
            + "like a request id.",
        anomaly: "the acknowledged order stands under a key that no client sent",
        invariant: "acknowledged-order-exists",
        exposedBy: "mutants/lost-orders-answer.json"
    )
}
