import JSON

extension Invariant {
    /// Predicate: the dashboard's counts and the customers' totals are the sums of the events that
    /// the read model noted; one snapshot, so true at every moment.
    static let readModelSums = Invariant(
        name: "read-model-sums",
        statement: "The dashboard and the customers' totals are the sums of the read model.",
        anomaly: "counted twice, or not at all",
        isAlways: true,
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let witnesses = wrongTallies(events) + wrongTotals(events)
        let checked = events.events.dashboard.count + events.events.totals.count
        return Finding(checked: checked, witnesses: witnesses)
    }

    private static func wrongTallies(_ events: EventIndex) -> [JSONObject] {
        let counts = events.events.moments.reduce(into: [String: Int64]()) {
            $0[$1.type, default: 0] += $1.count
        }
        return events.events.dashboard.compactMap { tally in
            let noted = counts[tally.type] ?? 0
            guard noted != tally.events else { return nil }
            let reason = "the dashboard counts \(tally.events) × \(tally.type), \(noted) were noted"
            return ["event": .string(tally.type), "reason": .string(reason)]
        }
    }

    private static func wrongTotals(_ events: EventIndex) -> [JSONObject] {
        typealias Total = Observation.Events.Total
        var sums: [String: Total] = [:]
        for moment in events.events.moments {
            guard let view = events.view(moment.order) else { continue }
            let customer = view.customer
            var sum = sums[customer] ?? Total(customer: customer)
            switch moment.type {
            case "order-placed": sum.placed += moment.count
            case "order-cancelled": sum.cancelled += moment.count
            case "order-confirmed":
                sum.confirmed += moment.count
                sum.spentCents += moment.count * view.cents
            default: break
            }
            sums[customer] = sum
        }
        return events.events.totals.compactMap { total in
            let sum = sums[total.customer] ?? Total(customer: total.customer)
            guard sum != total else { return nil }
            let reason =
                "\(total.confirmed) of \(total.placed) orders for \(total.spentCents) cents shown,"
                + " \(sum.confirmed) of \(sum.placed) for \(sum.spentCents) were noted"
            return ["customer": .string(total.customer), "reason": .string(reason)]
        }
    }
}
