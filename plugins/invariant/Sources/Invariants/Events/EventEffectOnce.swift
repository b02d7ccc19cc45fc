import JSON

extension Invariant {
    /// Predicate: no event of an order has had its effect on the read model more often than it
    /// happened.
    ///
    /// The read model is read before the orders, and an order enters no state twice.
    static let eventEffectOnce = Invariant(
        name: "event-effect-once",
        statement: "No event has its effect on the read model twice.",
        anomaly: "effect had twice",
        isAlways: true,
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let moments = events.events.moments
        let witnesses = moments.filter { moment in
            guard moment.count > 1 else { return false }
            let happened = index.order(moment.order).map(index.expectedEvents) ?? []
            let others = index.expectedEventsOfOthers(of: moment.order)
            return moment.count > (happened + others).count { $0 == moment.type }
        }.map { moment in
            let reason = "\(moment.type) had its effect \(moment.count) times"
            return index.story(of: moment.order, because: reason)
        }
        return Finding(checked: moments.count, witnesses: witnesses)
    }
}
