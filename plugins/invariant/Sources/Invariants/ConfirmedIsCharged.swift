extension Invariant {
    /// Predicate: o confirmed ⇒ the processor's ledger has exactly one charge of o, of o's amount,
    /// whose money was not given back.
    static let confirmedIsCharged = Invariant(
        name: "confirmed-is-charged",
        statement: "Every confirmed order has one charge of its amount on the processor's ledger.",
        anomaly: "paid but not charged"
    ) { index in
        let confirmed = index.observation.orders.filter(\.isConfirmed)
        let witnesses = confirmed.compactMap { order in
            wrong(order, index.keptCharges(of: order.id)).map {
                index.story(of: order.id, because: $0)
            }
        }
        return Finding(checked: confirmed.count, witnesses: witnesses)
    }

    private static func wrong(
        _ order: Observation.Order,
        _ charges: [Observation.Charge]
    ) -> String? {
        guard charges.count == 1 else { return "confirmed with \(charges.count) charges" }
        guard charges[0].cents == order.cents else {
            return "ordered for \(order.cents) cents, charged \(charges[0].cents)"
        }
        return nil
    }
}
