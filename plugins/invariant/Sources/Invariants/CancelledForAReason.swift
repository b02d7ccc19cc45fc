import ChaosModel

extension Invariant {
    /// Predicate: an order is cancelled for a declined card only if payments has its refusal, and
    /// for its age only if it was as old as the shop says (five minutes) without being reserved.
    static let cancelledForAReason = Invariant(
        name: "cancelled-for-a-reason",
        statement: "No order is cancelled for a refusal or an expiry that did not take place.",
        anomaly: "cancelled without a cause"
    ) { index in
        let cancelled = index.observation.orders.filter { $0.state == "cancelled" }
        let witnesses = cancelled.compactMap { order in
            falsehood(order, index).map { index.story(of: order.id, because: $0) }
        }
        return Finding(checked: cancelled.count, witnesses: witnesses)
    }

    /// How long an order may wait for its stock before it expires, in microseconds.
    private static let expiry: Int64 = 300_000_000

    private static func falsehood(
        _ order: Observation.Order,
        _ index: ObservationIndex
    ) -> String? {
        switch order.cancelledFor {
        case "card declined":
            let isDeclined = index.payments(of: order.id).contains { $0.state == "failed" }
            return isDeclined ? nil : "cancelled as declined, but no payment of it failed"
        case let reason? where reason.hasPrefix("expired"):
            guard let end = order.history.first(where: { $0.state == "compensating" })?.at,
                let placed = Timestamp(rfc3339: order.createdAt),
                let expired = Timestamp(rfc3339: end)
            else { return "expired at an unknown time" }
            let age = expired.microseconds - placed.microseconds
            return age < expiry ? "expired \(age / 1000) ms after it was placed" : nil
        default: return nil
        }
    }
}
