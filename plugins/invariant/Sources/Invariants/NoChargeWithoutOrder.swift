extension Invariant {
    /// Predicate: every charge belongs to an order that was placed and was not cancelled, unless
    /// its money was given back.
    static let noChargeWithoutOrder = Invariant(
        name: "no-charge-without-order",
        statement: "Every charge belongs to an order that was placed and was not cancelled.",
        anomaly: "orphan charge"
    ) { index in
        let charged = index.chargedOrders
        let witnesses = charged.compactMap { id in
            guard let order = index.order(id) else {
                return index.story(of: id, because: "charged, but no such order was placed")
            }
            guard order.state == "cancelled", !index.keptCharges(of: id).isEmpty else { return nil }
            return index.story(of: id, because: "charged, but the order is cancelled")
        }
        return Finding(checked: charged.count, witnesses: witnesses)
    }
}
