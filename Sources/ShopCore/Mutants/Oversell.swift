extension Mutant {
    /// Lives in `ShopInventory/ReservationStatements.swift` and the schema of inventory.
    package static let oversell = Mutant(
        name: "oversell",
        story:
            "The stock is decremented without a look at what is left, and the constraint "
            + "that would have refused it was dropped for a migration.",
        anomaly: "oversell: less than nothing available",
        invariant: "stock-never-negative",
        exposedBy: "mutants/sold-out.json"
    )
}
