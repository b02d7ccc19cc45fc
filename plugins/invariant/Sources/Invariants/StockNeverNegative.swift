extension Invariant {
    /// Predicate: available ≥ 0 for every article.
    static let stockNeverNegative = Invariant(
        name: "stock-never-negative",
        statement: "No article has less than nothing available.",
        anomaly: "oversell",
        isAlways: true
    ) { index in
        let stock = index.observation.stock
        let witnesses = stock.filter { $0.available < 0 }.map {
            StockWitness(stock: $0, reason: "sold more than there was").json
        }
        return Finding(checked: stock.count, witnesses: witnesses)
    }
}
