extension Mutant {
    /// Lives in `ShopInventory/ReservationStatements.swift`.
    package static let releaseTwice = Mutant(
        name: "release-twice",
        story:
            "A compensation gives the stock back whatever the reservation's state: each "
            + "redelivery restocks once more.",
        anomaly: "stock invented: more available than there is",
        invariant: "stock-conserved",
        exposedBy: "mutants/lost-release-answer.json"
    )
}
