extension Mutant {
    /// Lives in `ShopOrders/ShopOrders.swift`.
    package static let unstoredResponse = Mutant(
        name: "unstored-response",
        story:
            "INSERT … ON CONFLICT DO NOTHING, and the answer is made from what would have "
            + "been inserted: a retry is told the id of an order that does not exist.",
        anomaly: "two answers for one key: the second names an order that does not exist",
        invariant: "same-key-same-answer",
        exposedBy: "mutants/repeated-requests.json"
    )
}
