extension Mutant {
    /// Lives in `ShopOrders/ShopOrders.swift`.
    package static let keyWithoutHash = Mutant(
        name: "key-without-hash",
        story:
            "A known idempotency key is answered with the order that has it, whatever the "
            + "request says; a client that changed its cart and kept the key is told that the "
            + "new order is placed.",
        anomaly: "key reuse: another request is answered as if it were the first",
        invariant: "key-reuse-refused",
        exposedBy: "mutants/repeated-requests.json"
    )
}
