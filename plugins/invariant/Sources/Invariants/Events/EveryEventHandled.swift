import JSON

extension Invariant {
    /// Predicate: after the quiet period every event has had its effect on the read model, or lies
    /// among its dead letters with the reason.
    static let everyEventHandled = Invariant(
        name: "every-event-handled",
        statement: "Every event is in the read model, or parked with the reason.",
        anomaly: "event without effect",
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let orders = index.observation.orders
        let witnesses = orders.compactMap { order -> JSONObject? in
            let expected =
                index.expectedEvents(of: order) + index.expectedEventsOfOthers(of: order.id)
            let handled = Set(
                events.moments(of: order.id).map(\.type)
                    + events.parked(of: order.id, by: Observation.Events.projector)
            )
            guard let first = expected.first(where: { !handled.contains($0) }) else { return nil }
            let place = events.place(of: first, of: order.id)
            let reason = "\(first) never reached the read model: \(place)"
            return index.story(of: order.id, because: reason)
        }
        return Finding(checked: orders.count, witnesses: witnesses)
    }
}
