import JSON

extension Invariant {
    /// Predicate: after the quiet period the customer of every order that has ended was told so,
    /// and told its end; unless the event lies among the dead letters.
    static let everyEndNotified = Invariant(
        name: "every-end-notified",
        statement: "The customer of every order that has ended was told how.",
        anomaly: "missing notification",
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let ended = index.observation.orders.filter(\.isTerminal)
        let witnesses = ended.compactMap { order -> JSONObject? in
            let told = events.notifications(of: order.id)
            let event = "order-\(order.state)"
            if let other = told.first(where: { $0.outcome != order.state }) {
                let reason = "is \(order.state), its customer was told \(other.outcome)"
                return index.story(of: order.id, because: reason)
            }
            guard told.isEmpty,
                !events.parked(of: order.id, by: "notifications").contains(event)
            else { return nil }
            let reason =
                "its customer was told nothing: \(event) happened, and "
                + events.place(of: event, of: order.id)
            return index.story(of: order.id, because: reason)
        }
        return Finding(checked: ended.count, witnesses: witnesses)
    }
}
