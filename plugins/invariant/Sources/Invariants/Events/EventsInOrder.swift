import JSON

extension Invariant {
    /// Predicate: the log has the events of each order in one partition of their topic, and in the
    /// order in which they happened.
    static let eventsInOrder = Invariant(
        name: "events-in-order",
        statement: "The log has each order's events in one partition, as they happened.",
        anomaly: "events out of order",
        isAlways: true,
        needs: "a broker whose log can be read"
    ) { index in
        guard let log = index.events?.events.log else { return nil }
        let witnesses = log.trails.compactMap { trail in
            disorder(trail, index).map { index.story(of: trail.order, because: $0) }
        }
        return Finding(checked: log.trails.count, witnesses: witnesses)
    }

    private static func disorder(
        _ trail: Observation.Events.Trail,
        _ index: ObservationIndex
    ) -> String? {
        guard trail.partitions.count == 1 else {
            let list = trail.partitions.map(String.init).joined(separator: " and ")
            return "its events are in partitions \(list) of \(trail.topic)"
        }
        let happened: [String]
        switch trail.topic {
        case "orders": happened = index.order(trail.order).map(index.expectedEvents) ?? []
        case "inventory": happened = ["stock-held", "stock-confirmed", "stock-released"]
        default: return nil
        }
        let expected = happened.filter(trail.types.contains)
        let found = trail.types.filter(happened.contains)
        for (event, other) in zip(found, expected) where event != other {
            return "\(event) is in the log before \(other)"
        }
        return nil
    }
}
