extension Invariant {
    /// Predicate: o confirmed ⇒ exactly one captured payment of o's amount and one active
    /// reservation of o's goods.
    static let confirmedHasOneCaptureAndReservation = Invariant(
        name: "confirmed-has-one-capture-and-reservation",
        statement: "Every confirmed order has exactly one captured payment and one reservation.",
        anomaly: "confirmed but not paid, or goods not held"
    ) { index in
        let confirmed = index.observation.orders.filter(\.isConfirmed)
        let witnesses = confirmed.compactMap { order in
            wrong(order, index).map { index.story(of: order.id, because: $0) }
        }
        return Finding(checked: confirmed.count, witnesses: witnesses)
    }

    private static func wrong(_ order: Observation.Order, _ index: ObservationIndex) -> String? {
        let captured = index.payments(of: order.id).filter(\.isCaptured)
        let active = index.reservations(of: order.id).filter(\.isActive)
        if captured.count != 1 { return "\(captured.count) captured payments" }
        if active.count != 1 { return "\(active.count) reservations in force" }
        if captured[0].cents != order.cents { return "captured another amount than was ordered" }
        if active[0].quantity != order.quantity { return "reserved another quantity than ordered" }
        if active[0].sku != order.sku { return "reserved other goods than were ordered" }
        return nil
    }
}
