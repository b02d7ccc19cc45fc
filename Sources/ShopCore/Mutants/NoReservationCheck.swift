extension Mutant {
    /// Lives in `ShopInventory/ReservationStatements.swift` and in the schema of inventory.
    package static let noReservationCheck = Mutant(
        name: "no-reservation-check",
        story: "Inventory neither looks for an existing reservation of the order nor has a unique "
            + "constraint on it, so re-affirming a hold before a charge retry takes stock again.",
        anomaly: "double reservation: one order, several holds, stock sold short",
        invariant: "no-double-reservation",
        exposedBy: "mutants/processor-down.json"
    )
}
