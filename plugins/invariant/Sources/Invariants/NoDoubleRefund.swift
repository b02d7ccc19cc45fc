extension Invariant {
    /// Predicate: for every charge c, the number of refunds of c is at most 1: an order's money is
    /// given back whole.
    static let noDoubleRefund = Invariant(
        name: "no-double-refund",
        statement: "No charge is given back more than once on the processor's ledger.",
        anomaly: "double refund",
        isAlways: true
    ) { index in
        let refunds = Dictionary(grouping: index.observation.refunds, by: \.charge)
        let witnesses = refunds.values.filter { $0.count > 1 }
            .sorted { ($0[0].at, $0[0].id) < ($1[0].at, $1[0].id) }
            .map { index.story(of: $0[0].order, because: "given back \($0.count) times") }
        return Finding(checked: refunds.count, witnesses: witnesses)
    }
}
