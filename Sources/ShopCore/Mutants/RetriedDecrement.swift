extension Mutant {
    /// Lives in `ShopInventory/ShopInventory.swift`.
    package static let retriedDecrement = Mutant(
        name: "retried-decrement",
        story:
            "Stock and reservation are two statements, and the connection pool repeats a "
            + "statement whose connection broke, also one that adds or subtracts.",
        anomaly: "stock lost: taken twice for one reservation",
        invariant: "stock-conserved",
        exposedBy: "mutants/lost-stock-answer.json"
    )
}
