import JSON

extension Invariant {
    /// Predicate: the entries of each payment are those of its state, of its amount.
    ///
    /// No entry is of another payment. One snapshot, so true at every moment.
    static let ledgerMatchesPayments = Invariant(
        name: "ledger-matches-payments",
        statement: "The books have the entries that each payment's state asks for.",
        anomaly: "books and payments differ",
        isAlways: true
    ) { index in
        var entries = Dictionary(grouping: index.observation.ledger.entries, by: \.payment)
        let payments = index.observation.payments
        var witnesses = payments.compactMap { payment -> JSONObject? in
            let mine = entries.removeValue(forKey: payment.key) ?? []
            let reason = wrong(payment, mine)
            return reason.map { index.story(of: payment.order, because: $0) }
        }
        witnesses += entries.values.compactMap(\.first).map {
            index.story(
                of: $0.order,
                because: "the books have entries of no payment: \($0.payment)"
            )
        }
        return Finding(checked: payments.count, witnesses: witnesses)
    }

    private static func wrong(
        _ payment: Observation.Payment,
        _ entries: [Observation.Ledger.Entry]
    ) -> String? {
        let kinds = entries.map(\.kind)
        let isRight =
            switch payment.state {
            case "pending": kinds == ["authorisation"]
            case "captured", "refunding": kinds == ["authorisation", "capture"]
            case "refunded": kinds == ["authorisation", "capture", "refund"]
            // A key that was voided before it was used has no entry: no money was held.
            default: kinds.isEmpty || kinds == ["authorisation", "void"]
            }
        guard isRight else {
            let list = kinds.isEmpty ? "nothing" : kinds.joined(separator: ", ")
            return "its payment is \(payment.state), the books have: \(list)"
        }
        guard let other = entries.first(where: { $0.cents != payment.cents }) else { return nil }
        return "its payment is of \(payment.cents) cents, the books' \(other.kind) \(other.cents)"
    }
}
