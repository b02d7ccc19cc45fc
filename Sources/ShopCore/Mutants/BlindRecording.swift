extension Mutant {
    /// Lives in `ShopPayments/PaymentStore.swift`.
    package static let blindRecording = Mutant(
        name: "blind-recording",
        story:
            "The transaction that notes a charge is retried on any error as a new row under "
            + "a key of its own; when the first COMMIT went through and only its answer was "
            + "lost, the capture stands twice in the books.",
        anomaly: "duplicate payment: one charge, captured twice",
        invariant: "money-conserved",
        exposedBy: "mutants/lost-commit-answer.json"
    )
}
