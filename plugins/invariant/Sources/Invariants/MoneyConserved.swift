import JSON

extension Invariant {
    /// Predicate: captured payments and the processor's charges are a bijection, with equal
    /// amounts; and so are refunded payments and the processor's refunds.
    static let moneyConserved = Invariant(
        name: "money-conserved",
        statement: "Captured payments and the processor's charges match one to one, cent by cent.",
        anomaly: "ledgers differ"
    ) { index in
        let captured = index.observation.payments.filter(\.wasCaptured)
        let charges = index.observation.charges
        let witnesses =
            capturesWithoutCharge(captured, charges, index)
            + chargesWithoutCapture(captured, charges, index)
            + refundsThatDiffer(captured, index)
        return Finding(checked: captured.count + charges.count, witnesses: witnesses)
    }

    private static func capturesWithoutCharge(
        _ captured: [Observation.Payment],
        _ charges: [Observation.Charge],
        _ index: ObservationIndex
    ) -> [JSONObject] {
        let byID = Dictionary(charges.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return captured.compactMap { payment in
            guard let id = payment.charge, let charge = byID[id] else {
                return index.story(of: payment.order, because: "captured without a charge")
            }
            guard charge.cents == payment.cents else {
                let amounts = "captured \(payment.cents), charged \(charge.cents) cents"
                return index.story(of: payment.order, because: amounts)
            }
            return nil
        }
    }

    private static func chargesWithoutCapture(
        _ captured: [Observation.Payment],
        _ charges: [Observation.Charge],
        _ index: ObservationIndex
    ) -> [JSONObject] {
        let captures = Dictionary(grouping: captured.filter { $0.charge != nil }) {
            $0.charge ?? ""
        }
        return charges.compactMap { charge in
            let count = captures[charge.id]?.count ?? 0
            guard count != 1 else { return nil }
            let reason = "charge \(charge.id) is captured \(count) times"
            return index.story(of: charge.order, because: reason)
        }
    }

    private static func refundsThatDiffer(
        _ captured: [Observation.Payment],
        _ index: ObservationIndex
    ) -> [JSONObject] {
        let refunds = Dictionary(grouping: index.observation.refunds, by: \.charge)
            .mapValues { $0.reduce(0) { $0 + $1.cents } }
        return captured.compactMap { payment in
            // What is being given back is no-payment-left-open's.
            guard let charge = payment.charge, payment.state != "refunding" else { return nil }
            let back = refunds[charge] ?? 0
            let expected = payment.isCaptured ? 0 : payment.cents
            guard back != expected else { return nil }
            let reason = "its payment is \(payment.state), given back were \(back) cents"
            return index.story(of: payment.order, because: reason)
        }
    }
}
