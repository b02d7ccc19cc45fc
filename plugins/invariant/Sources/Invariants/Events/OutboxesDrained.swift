import JSON

extension Invariant {
    /// Predicate: after the quiet period no event waits in an outbox.
    static let outboxesDrained = Invariant(
        name: "outboxes-drained",
        statement: "After the quiet period no event is left in an outbox.",
        anomaly: "stuck event",
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let witnesses = events.events.pending.map { event in
            var story = index.story(
                of: event.order,
                because: "\(event.type) is still in the outbox of \(event.topic)"
            )
            story["since"] = .string(event.at)
            return story
        }
        return Finding(checked: index.observation.orders.count, witnesses: witnesses)
    }
}
