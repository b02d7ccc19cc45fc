import JSON

extension Invariant {
    /// Predicate: along each partition the tokens of those who published never fall.
    static let noStalePublication = Invariant(
        name: "no-stale-publication",
        statement: "Nothing is published by a relay after its successor has published.",
        anomaly: "zombie relay",
        isAlways: true,
        needs: "a broker whose log can be read"
    ) { index in
        guard let log = index.events?.events.log else { return nil }
        let partitions = Dictionary(grouping: log.tenures) { "\($0.topic)/\($0.partition)" }
        let witnesses = partitions.sorted { $0.key < $1.key }.flatMap { name, tenures in
            stale(tenures.sorted { $0.first < $1.first }).map { tenure, newest in
                let reason = "published under token \(tenure.token) after token \(newest)"
                var story = index.story(of: tenure.order, because: reason)
                story["partition"] = .string(name)
                story["offset"] = .integer(tenure.first)
                story["published"] = .string(tenure.at)
                return story
            }
        }
        return Finding(checked: log.tenures.count, witnesses: witnesses)
    }

    private static func stale(
        _ tenures: [Observation.Events.Tenure]
    ) -> [(Observation.Events.Tenure, newest: Int64)] {
        var newest = Int64.min
        return tenures.compactMap { tenure in
            defer { newest = max(newest, tenure.token) }
            return tenure.token < newest ? (tenure, newest) : nil
        }
    }
}
