import JSON

extension Invariant {
    /// Predicate: each account's balance is the sum of the entries that the balances have taken in,
    /// and debits equal credits over all accounts.
    static let balancesMatchLedger = Invariant(
        name: "balances-match-ledger",
        statement: "Every balance is the sum of its entries, and debits equal credits.",
        anomaly: "balance that is not the sum of its entries",
        isAlways: true
    ) { index in
        let ledger = index.observation.ledger
        let sums = Dictionary(
            ledger.sums.map { ($0.account, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let balances = Dictionary(
            ledger.balances.map { ($0.account, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let accounts = Set(sums.keys).union(balances.keys).sorted()
        var witnesses = accounts.compactMap { account -> JSONObject? in
            let (balance, sum) = (balances[account], sums[account])
            guard balance != sum else { return nil }
            let reason = "\(account) is at \(words(balance)), its entries say \(words(sum))"
            return ["account": .string(account), "reason": .string(reason)]
        }
        let debits = ledger.balances.reduce(0) { $0 + $1.debits }
        let credits = ledger.balances.reduce(0) { $0 + $1.credits }
        if debits != credits {
            let reason = "debits are \(debits), credits \(credits) cents"
            witnesses.append(["account": "all", "reason": .string(reason)])
        }
        return Finding(checked: accounts.count, witnesses: witnesses)
    }

    private static func words(_ balance: Observation.Ledger.Balance?) -> String {
        balance.map { "\($0.debits) debits and \($0.credits) credits" } ?? "nothing"
    }
}
