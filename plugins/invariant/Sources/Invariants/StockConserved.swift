import JSON

extension Invariant {
    /// Predicate: available = opening − Σ quantities of confirmed orders − Σ holds of orders still
    /// under way.
    static let stockConserved = Invariant(
        name: "stock-conserved",
        statement: "Available stock is the opening stock minus what confirmed orders took.",
        anomaly: "stock lost or invented"
    ) { index in
        let sold = Dictionary(grouping: index.observation.orders.filter(\.isConfirmed), by: \.sku)
        let active = Dictionary(
            grouping: index.observation.reservations.filter(\.isActive),
            by: \.sku
        )
        let witnesses = index.observation.stock.compactMap { stock in
            wrong(stock, sold: sold[stock.sku] ?? [], active: active[stock.sku] ?? [], index)
        }
        return Finding(checked: index.observation.stock.count, witnesses: witnesses)
    }

    private static func wrong(
        _ stock: Observation.Stock,
        sold: [Observation.Order],
        active: [Observation.Reservation],
        _ index: ObservationIndex
    ) -> JSONObject? {
        let confirmed = sold.reduce(0) { $0 + $1.quantity }
        let underWay = active.filter { index.order($0.order)?.isTerminal == false }
        let expected = stock.opening - confirmed - underWay.reduce(0) { $0 + $1.quantity }
        guard stock.available != expected else { return nil }
        let reason = "\(stock.available) available where \(expected) are expected"
        var witness = StockWitness(stock: stock, reason: reason).json
        witness["confirmed"] = .integer(confirmed)
        witness["reserved"] = .integer(active.reduce(0) { $0 + $1.quantity })
        witness["orders"] = .array(
            suspects(sold: sold, active: active, index).prefix(20).map {
                .string($0)
            }
        )
        return witness
    }

    /// The orders that hold another quantity than they have a right to.
    private static func suspects(
        sold: [Observation.Order],
        active: [Observation.Reservation],
        _ index: ObservationIndex
    ) -> [String] {
        let held = Dictionary(grouping: active, by: \.order)
            .mapValues { $0.reduce(0) { $0 + $1.quantity } }
        let short = sold.filter { held[$0.id] != $0.quantity }.map(\.id)
        let leaked = held.keys.filter {
            let order = index.order($0)
            return order == nil || order?.state == "cancelled"
        }
        return short + leaked.sorted()
    }
}

/// The story of an article, for the witnesses of the stock invariants.
struct StockWitness {
    var stock: Observation.Stock
    var reason: String

    var json: JSONObject {
        [
            "sku": .string(stock.sku),
            "reason": .string(reason),
            "opening": .integer(stock.opening),
            "available": .integer(stock.available),
        ]
    }
}
