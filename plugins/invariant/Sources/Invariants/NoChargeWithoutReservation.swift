extension Invariant {
    /// Predicate: a charged order that was not cancelled has goods in force, or is on its way and
    /// has lost them: then its money must be given back, as other invariants say.
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
            let reservations = index.reservations(of: id)
            guard !reservations.contains(where: \.isActive) else { return false }
            return order.isTerminal || reservations.isEmpty
        }.map { index.story(of: $0, because: "charged, but no goods are held") }
        return Finding(checked: charged.count, witnesses: witnesses)
    }
}
