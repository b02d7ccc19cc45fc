extension Invariant {
    /// Predicate: for every charge c, the sum of c's refunds is at most c's amount; every refund is
    /// of a charge of the same order.
    static let refundWithinCharge = Invariant(
        name: "refund-within-charge",
        statement: "No more is given back than was charged.",
        anomaly: "over-refund",
        isAlways: true
    ) { index in
        let charges = Dictionary(
            index.observation.charges.map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let refunds = Dictionary(grouping: index.observation.refunds, by: \.charge)
        let witnesses = refunds.values.sorted { ($0[0].at, $0[0].id) < ($1[0].at, $1[0].id) }
            .compactMap { refunds in
                wrong(refunds, of: charges[refunds[0].charge]).map {
                    index.story(of: refunds[0].order, because: $0)
                }
            }
        return Finding(checked: refunds.count, witnesses: witnesses)
    }

    private static func wrong(
        _ refunds: [Observation.Refund],
        of charge: Observation.Charge?
    ) -> String? {
        let sum = refunds.reduce(0) { $0 + $1.cents }
        guard let charge, refunds.allSatisfy({ $0.order == charge.order }) else {
            return "\(sum) cents given back of no charge of it"
        }
        return sum > charge.cents ? "charged \(charge.cents) cents, given back \(sum)" : nil
    }
}
