extension Mutant {
    /// Lives in `ShopCore/Schemas/LedgerSchema.swift`.
    package static let voidForgotten = Mutant(
        name: "void-forgotten",
        story:
            "A declined card ends the payment, and nobody thinks of the authorisation "
            + "that was entered when it began: the money stays on the books as held.",
        anomaly: "dangling authorisation: held money that nobody owes",
        invariant: "ledger-matches-payments",
        exposedBy: "mutants/bad-cards.json"
    )
}
