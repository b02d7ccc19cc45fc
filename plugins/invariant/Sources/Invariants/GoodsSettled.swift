extension Invariant {
    /// Predicate: o confirmed ⇒ its goods are sold, not merely held; o cancelled ⇒ none in force.
    static let goodsSettled = Invariant(
        name: "goods-settled",
        statement: "A confirmed order's goods are sold, and a cancelled order holds none.",
        anomaly: "goods in limbo"
    ) { index in
        let ended = index.observation.orders.filter(\.isTerminal)
        let witnesses = ended.compactMap { order in
            limbo(order, index).map { index.story(of: order.id, because: $0) }
        }
        return Finding(checked: ended.count, witnesses: witnesses)
    }

    private static func limbo(_ order: Observation.Order, _ index: ObservationIndex) -> String? {
        let active = index.reservations(of: order.id).filter(\.isActive)
        if order.isConfirmed {
            return active.contains { $0.state == "held" }
                ? "confirmed, but its goods are held" : nil
        }
        return active.isEmpty ? nil : "cancelled, but its goods are \(active[0].state)"
    }
}
