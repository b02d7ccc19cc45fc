extension Mutant {
    /// Lives in `ShopPayments/ProcessorClient.swift`.
    package static let chargeWithoutKey = Mutant(
        name: "charge-without-key",
        story:
            "Payments sends the processor a fresh key with each request, because the client "
            + "library fills in the header itself when nobody sets it; a retry after a lost "
            + "answer is a second charge.",
        anomaly: "double charge: two charges on the processor's ledger for one payment",
        invariant: "no-double-charge-per-order",
        exposedBy: "mutants/lost-processor-answer.json"
    )
}
