import JSON

extension Invariant {
    /// Predicate: every change of state that is committed has its event in the outbox or in the
    /// broker's log.
    ///
    /// State and outbox are one snapshot, and the log is read afterwards: true at every moment.
    static let noEventLost = Invariant(
        name: "no-event-lost",
        statement: "Every change of state has its event in the outbox or in the broker's log.",
        anomaly: "lost event",
        isAlways: true,
        needs: "a broker whose log can be read"
    ) { index in
        guard let events = index.events, events.events.log != nil else { return nil }
        let orders = index.observation.orders
        let witnesses = orders.compactMap { order -> JSONObject? in
            let expected =
                index.expectedEvents(of: order) + index.expectedEventsOfOthers(of: order.id)
            let there = Set(events.pending(of: order.id) + events.logged(of: order.id))
            let lost = expected.filter { !there.contains($0) }
            guard let first = lost.first else { return nil }
            let place = events.place(of: first, of: order.id)
            return index.story(of: order.id, because: "\(first) is lost: \(place)")
        }
        return Finding(checked: orders.count, witnesses: witnesses)
    }
}
