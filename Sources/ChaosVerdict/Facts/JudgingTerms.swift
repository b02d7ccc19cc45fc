internal import ChaosModel
internal import JSON

/// What the experiment's document says about judging, read leniently from the journal.
struct JudgingTerms {
    var title: String
    var description: String
    var hypothesisTitle: String
    var strategy: HypothesisStrategy
    /// Seconds.
    var recoversWithin: Double?
    /// The probes in the author's order.
    var probes: [ProbeTerms]

    struct ProbeTerms {
        var name: String
        var path: String
        /// `nil`: what the plugin declares.
        var phases: [String]?
    }

    init(_ document: JSONValue) {
        let hypothesis = document["steady-state-hypothesis"] ?? .null
        let runtime = document["runtime"]?["hypothesis"]
        title = document["title"]?.stringValue ?? "Untitled experiment"
        description = document["description"]?.stringValue ?? ""
        hypothesisTitle = hypothesis["title"]?.stringValue ?? ""
        let isOurs = document["chaos"] != nil
        let word = (isOurs ? hypothesis["strategy"] : nil) ?? runtime?["strategy"]
        // "continously" is a spelling that the Chaos Toolkit accepts.
        strategy =
            word == "continously"
            ? .continuously
            : word?.stringValue.flatMap(HypothesisStrategy.init(rawValue:)) ?? .standard
        recoversWithin = isOurs ? hypothesis["recovers-within"].flatMap(Self.seconds) : nil
        probes = (hypothesis["probes"]?.arrayValue ?? []).enumerated().map { index, probe in
            ProbeTerms(
                name: probe["name"]?.stringValue ?? "probe \(index + 1)",
                path: "steady-state-hypothesis.probes[\(index)]",
                phases: probe["phases"]?.arrayValue?.compactMap(\.stringValue)
            )
        }
    }

    /// Whether the strategy lets a phase decide; what has settled is looked at by all but `skip`.
    func judges(_ phase: ProbePhase) -> Bool {
        switch strategy {
        case .skip: false
        case .beforeMethodOnly: phase == .before || phase == .settled
        case .afterMethodOnly: phase == .after || phase == .settled
        case .duringMethodOnly: phase == .during || phase == .settled
        case .standard: phase != .during
        case .continuously, .onFault: true
        }
    }

    private static func seconds(_ value: JSONValue) -> Double? {
        if let number = value.doubleValue { return number }
        guard let text = value.stringValue, let duration = try? Duration(parsing: text) else {
            return nil
        }
        return duration / .seconds(1)
    }
}
