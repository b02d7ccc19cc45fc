import JSON

extension Invariant {
    /// Predicate: for every order o, the number of notifications of o is at most 1.
    static let noDoubleNotification = Invariant(
        name: "no-double-notification",
        statement: "No customer is told twice how an order ended.",
        anomaly: "duplicate notification",
        isAlways: true,
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        var seen: Set<String> = []
        let told = events.events.notifications.map(\.order).filter { seen.insert($0).inserted }
        let witnesses = told.compactMap { id -> JSONObject? in
            let count = events.notifications(of: id).count
            guard count > 1 else { return nil }
            return index.story(of: id, because: "its customer was told \(count) times")
        }
        return Finding(checked: told.count, witnesses: witnesses)
    }
}
