extension Invariant {
    /// Predicate: for every order o, the number of charges of o, less those whose money was given
    /// back, is at most 1.
    static let noDoubleChargePerOrder = Invariant(
        name: "no-double-charge-per-order",
        statement: "No order is charged more than once on the processor's ledger.",
        anomaly: "double charge",
        isAlways: true
    ) { index in
        let charged = index.chargedOrders
        let witnesses = charged.compactMap { order in
            let count = index.keptCharges(of: order).count
            return count > 1 ? index.story(of: order, because: "charged \(count) times") : nil
        }
        return Finding(checked: charged.count, witnesses: witnesses)
    }
}
