extension Invariant {
    /// Predicate: every order's history is a path of the saga's state machine from `pending` to its
    /// present state; so it enters no state twice, and leaves no final one.
    static let legalTransitions = Invariant(
        name: "legal-transitions",
        statement: "Every order goes the ways of the saga, from pending to where it is now.",
        anomaly: "illegal transition",
        isAlways: true
    ) { index in
        let orders = index.observation.orders
        let witnesses = orders.compactMap { order in
            misstep(order).map { index.story(of: order.id, because: $0) }
        }
        return Finding(checked: orders.count, witnesses: witnesses)
    }

    /// The states that may follow each.
    private static let ways: [String: Set<String>] = [
        "pending": ["reserved", "compensating"],
        "reserved": ["captured", "compensating"],
        "captured": ["confirmed", "refunding"],
        "refunding": ["compensating"],
        "compensating": ["cancelled"],
        "confirmed": [],
        "cancelled": [],
    ]

    private static func misstep(_ order: Observation.Order) -> String? {
        let states = order.history.map(\.state)
        guard let first = states.first, let last = states.last else { return "it has no history" }
        guard first == "pending" else { return "began as \(first)" }
        for (from, to) in zip(states, states.dropFirst())
        where ways[from]?.contains(to) != true {
            return "went from \(from) to \(to)"
        }
        return last == order.state ? nil : "is \(order.state), its history ends with \(last)"
    }
}
