extension Mutant {
    /// Lives in `ShopPayments/LedgerStatements.swift`.
    package static let balanceByNumber = Mutant(
        name: "balance-by-number",
        story:
            "The balances take in all entries that can be seen and remember the newest "
            + "transaction; one that began earlier and commits later is behind it for ever.",
        anomaly: "balances that are not the sum of the entries",
        invariant: "balances-match-ledger",
        exposedBy: "mutants/late-commits.json"
    )
}
