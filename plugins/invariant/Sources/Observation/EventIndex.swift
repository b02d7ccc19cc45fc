import JSON

/// The way of events with look-ups by order, built once for all invariants.
struct EventIndex: Sendable {
    let events: Observation.Events
    private let pending: [String: [Observation.Events.Pending]]
    private let trails: [String: [Observation.Events.Trail]]
    private let moments: [String: [Observation.Events.Moment]]
    private let views: [String: Observation.Events.View]
    private let notifications: [String: [Observation.Events.Notification]]
    /// Those that were not handled after all.
    private let letters: [String: [Observation.Events.DeadLetter]]

    init(_ events: Observation.Events) {
        self.events = events
        pending = Dictionary(grouping: events.pending, by: \.order)
        trails = Dictionary(grouping: events.log?.trails ?? [], by: \.order)
        moments = Dictionary(grouping: events.moments, by: \.order)
        views = Dictionary(
            events.views.map { ($0.order, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        notifications = Dictionary(grouping: events.notifications, by: \.order)
        letters = Dictionary(grouping: events.deadLetters.filter { !$0.isReplayed }, by: \.order)
    }

    func view(_ order: String) -> Observation.Events.View? { views[order] }
    func moments(of order: String) -> [Observation.Events.Moment] { moments[order] ?? [] }
    func notifications(of order: String) -> [Observation.Events.Notification] {
        notifications[order] ?? []
    }

    /// The types of an order's events that wait in an outbox.
    func pending(of order: String) -> [String] { pending[order, default: []].map(\.type) }

    /// The types of an order's events that are in the log.
    func logged(of order: String) -> [String] { trails[order, default: []].flatMap(\.types) }

    /// The types of an order's events that a consumer parked and nobody had handled since.
    func parked(of order: String, by consumer: String) -> [String] {
        letters[order, default: []].filter { $0.consumer == consumer }.map(\.type)
    }

    /// How far an order's event came.
    func place(of type: String, of order: String) -> String {
        if pending(of: order).contains(type) { return "it waits in the outbox" }
        guard events.log != nil else { return "it is in no outbox" }
        return logged(of: order).contains(type)
            ? "it is in the broker's log" : "it is neither in the outbox nor in the broker's log"
    }

    /// What is known of an order's events, for its story.
    func describe(_ order: String, in story: inout JSONObject) {
        let waiting = pending(of: order)
        if !waiting.isEmpty { story["in-the-outbox"] = .array(waiting.map { .string($0) }) }
        let logged = logged(of: order)
        if !logged.isEmpty { story["in-the-log"] = .array(logged.map { .string($0) }) }
        let seen = moments(of: order)
        if !seen.isEmpty {
            let counts = seen.map { $0.count == 1 ? $0.type : "\($0.type) × \($0.count)" }
            story["in-the-read-model"] = .array(counts.sorted().map { .string($0) })
        }
        if let view = view(order) { story["shown-as"] = .string(view.state) }
        let told = notifications(of: order)
        if !told.isEmpty {
            story["notifications"] = .array(
                told.map { ["outcome": .string($0.outcome), "at": .string($0.at)] }
            )
        }
        if let letters = letters[order] {
            story["parked"] = .array(
                letters.map {
                    [
                        "consumer": .string($0.consumer), "type": .string($0.type),
                        "tries": .integer($0.tries), "reason": .string($0.reason),
                    ]
                }
            )
        }
    }
}

extension ObservationIndex {
    /// What should have happened by an order's events: one for each state that it entered.
    func expectedEvents(of order: Observation.Order) -> [String] {
        order.history.map { $0.state == "pending" ? "order-placed" : "order-\($0.state)" }
    }

    /// The last event of each reservation and payment of an order.
    func expectedEventsOfOthers(of order: String) -> [String] {
        reservations(of: order).map { "stock-\($0.state)" }
            + payments(of: order).compactMap(event)
    }

    private func event(_ payment: Observation.Payment) -> String? {
        switch payment.state {
        case "pending": nil
        case "refunding": "payment-captured"
        default: "payment-\(payment.state)"
        }
    }
}
