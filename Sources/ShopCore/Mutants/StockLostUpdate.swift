extension Mutant {
    /// Lives in `ShopInventory/ShopInventory.swift`.
    package static let stockLostUpdate = Mutant(
        name: "stock-lost-update",
        story:
            "Read, compute, write: the new stock is computed in the service from a value "
            + "read before, under READ COMMITTED; two orders at a time overwrite one another.",
        anomaly: "lost update: stock sold that was never taken off",
        invariant: "stock-conserved",
        exposedBy: "mutants/slow-inventory-db.json"
    )
}
