import JSON

extension Invariant {
    /// Predicate: the client's key stands for one intention, so at most one order carries it.
    static let oneOrderPerKey = Invariant(
        name: "one-order-per-key",
        statement: "No two orders carry the same client's idempotency key.",
        anomaly: "duplicate order",
        isAlways: true
    ) { index in
        let witnesses = index.ordersByKey.filter { $0.value.count > 1 }
            .sorted { $0.key < $1.key }
            .compactMap { key, orders -> JSONObject? in
                guard let last = orders.last else { return nil }
                var story = index.story(of: last.id, because: "\(orders.count) orders for one key")
                story["key"] = .string(key)
                story["orders"] = .array(orders.map { .string($0.id) })
                return story
            }
        return Finding(checked: index.ordersByKey.count, witnesses: witnesses)
    }
}
