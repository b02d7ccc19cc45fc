import JSON

extension Invariant {
    /// Predicate: every event of an order, in the log and in the read model, is of a state that the
    /// order entered.
    static let noPhantomEvent = Invariant(
        name: "no-phantom-event",
        statement: "Every event of an order tells of a state that the order entered.",
        anomaly: "published, but never committed",
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let logged = events.events.log?.trails.filter { $0.topic == "orders" } ?? []
        let names = Set(logged.map(\.order) + events.events.moments.map(\.order))
        let witnesses = names.sorted().compactMap { id -> JSONObject? in
            guard let order = index.order(id) else {
                return index.story(of: id, because: "has events, but no such order was placed")
            }
            let entered = Set(index.expectedEvents(of: order))
            let told = events.logged(of: id) + events.moments(of: id).map(\.type)
            let phantom = told.first { $0.hasPrefix("order-") && !entered.contains($0) }
            guard let phantom else { return nil }
            return index.story(of: id, because: "\(phantom) was published and did not happen")
        }
        return Finding(checked: names.count, witnesses: witnesses)
    }
}
