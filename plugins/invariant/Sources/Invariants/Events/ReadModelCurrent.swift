import JSON

extension Invariant {
    /// Predicate: after the quiet period the read model shows every order as orders has it; but for
    /// orders of which an event lies among the dead letters.
    static let readModelCurrent = Invariant(
        name: "read-model-current",
        statement: "The read model shows every order as it is.",
        anomaly: "stale or wrong read model",
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let orders = index.observation.orders.filter {
            events.parked(of: $0.id, by: Observation.Events.projector).isEmpty
        }
        let witnesses = orders.compactMap { order in
            difference(order, events.view(order.id)).map {
                index.story(of: order.id, because: $0)
            }
        }
        return Finding(checked: orders.count, witnesses: witnesses)
    }

    private static func difference(
        _ order: Observation.Order,
        _ view: Observation.Events.View?
    ) -> String? {
        guard let view else { return "the read model does not have it" }
        if view.state != order.state { return "is \(order.state), shown as \(view.state)" }
        if view.version != order.history.count {
            return "is at version \(order.history.count), shown at \(view.version)"
        }
        if view.cents != order.cents { return "is of \(order.cents) cents, shown \(view.cents)" }
        if view.quantity != order.quantity || view.sku != order.sku {
            return "is of \(order.quantity) × \(order.sku), shown \(view.quantity) × \(view.sku)"
        }
        return view.reason == order.cancelledFor ? nil : "is shown with another reason"
    }
}
