extension Invariant {
    /// Predicate: a charged order that was not cancelled has goods in force.
    ///
    /// The ledger is read before the reservations, and a hold precedes its charge: true at every
    /// moment.
    static let noChargeWithoutReservation = Invariant(
        name: "no-charge-without-reservation",
        statement: "No order is charged for goods that are not held for it.",
        anomaly: "charge without reservation",
        isAlways: true
    ) { index in
        let charged = index.chargedOrders
        let witnesses = charged.filter { id in
            guard let order = index.order(id), order.state != "cancelled" else { return false }
            return !index.reservations(of: id).contains(where: \.isActive)
        }.map { index.story(of: $0, because: "charged, but no goods are held") }
        return Finding(checked: charged.count, witnesses: witnesses)
    }
}
