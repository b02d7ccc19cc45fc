import JSON

extension Invariant {
    /// Predicate: after the quiet period every consumer is at the end of each partition that it
    /// reads: no event, a poisoned one least of all, stops those behind it.
    static let consumersCaughtUp = Invariant(
        name: "consumers-caught-up",
        statement: "After the quiet period every consumer is at the end of its partitions.",
        anomaly: "head-of-line blocking",
        needs: "a broker whose log can be read"
    ) { index in
        guard let events = index.events?.events, let log = events.log else { return nil }
        let ends = Dictionary(
            log.partitions.map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let witnesses = events.positions.compactMap { position -> JSONObject? in
            let name = "\(position.topic)/\(position.partition)"
            guard let partition = ends[name], partition.end != position.next else { return nil }
            let reason =
                "\(position.consumer) is at offset \(position.next), the end is \(partition.end)"
            return [
                "partition": .string(name), "consumer": .string(position.consumer),
                "reason": .string(reason),
            ]
        }
        return Finding(checked: events.positions.count, witnesses: witnesses)
    }
}
