import JSON

extension Invariant {
    /// Predicate: the offsets of each partition follow one another without a gap up to its end.
    static let logWithoutGaps = Invariant(
        name: "log-without-gaps",
        statement: "The offsets of each partition of the log follow one another without a gap.",
        anomaly: "hole in the log",
        isAlways: true,
        needs: "a broker whose log can be read"
    ) { index in
        guard let log = index.events?.events.log else { return nil }
        let witnesses = log.partitions.compactMap { partition -> JSONObject? in
            guard let first = partition.first, let last = partition.last else { return nil }
            var reason: String?
            if last - first + 1 != partition.count {
                reason = "\(partition.count) events have the offsets from \(first) to \(last)"
            } else if last + 1 != partition.end {
                reason = "ends with offset \(last), the next would be \(partition.end)"
            }
            return reason.map { ["partition": .string(partition.name), "reason": .string($0)] }
        }
        return Finding(checked: log.partitions.count, witnesses: witnesses)
    }
}
