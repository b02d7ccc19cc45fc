import JSON

extension Invariant {
    /// Predicate: one client's key stands for one intention to buy, so the orders that carry it
    /// have at most one charge together whose money was not given back.
    static let noDoubleChargePerKey = Invariant(
        name: "no-double-charge-per-key",
        statement: "No client's idempotency key leads to more than one charge.",
        anomaly: "double charge",
        isAlways: true
    ) { index in
        let keys = Dictionary(grouping: index.observation.orders, by: \.key)
        let witnesses = keys.sorted { $0.key < $1.key }.compactMap { key, orders in
            let charges = orders.flatMap { index.keptCharges(of: $0.id) }
            guard charges.count > 1, let order = orders.first else { return nil as JSONObject? }
            var story = index.story(of: order.id, because: "\(charges.count) charges for one key")
            story["key"] = .string(key)
            story["orders"] = .array(orders.map { .string($0.id) })
            story["charges"] = .array(charges.map { .string($0.id) })
            story["amounts_cents"] = .array(charges.map { .integer($0.cents) })
            story["times"] = .array(charges.map { .string($0.at) })
            return story
        }
        return Finding(checked: keys.count, witnesses: witnesses)
    }
}
