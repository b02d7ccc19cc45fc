extension Mutant {
    /// Lives in `ShopInventory/ShopInventory.swift`.
    package static let inboxBeforeEffect = Mutant(
        name: "inbox-before-effect",
        story:
            "The inbox row is committed before the stock is taken; when the second statement "
            + "fails, the redelivery is answered from the inbox as if the goods were held.",
        anomaly: "charge without reservation",
        invariant: "no-charge-without-reservation",
        exposedBy: "mutants/inventory-statements-fail.json"
    )
}
