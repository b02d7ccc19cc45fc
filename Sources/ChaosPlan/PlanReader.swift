import ChaosModel
import ChaosPluginAPI
import JSON

/// Reads the parts of a saved plan.
struct PlanReader {
    let manifests: [PluginManifest]

    static func manifests(_ json: JSONValue?) throws(PlanError) -> [PluginManifest] {
        var manifests: [PluginManifest] = []
        for each in json?.arrayValue ?? [] {
            do throws(PluginManifestError) {
                manifests.append(
                    try PluginManifest(
                        plugin: Array((each["plugin"] ?? .null).serialized().utf8),
                        schema: Array((each["schema"] ?? .null).serialized().utf8)
                    )
                )
            } catch {
                throw PlanError(message: "a manifest in the plan is broken: \(error)")
            }
        }
        return manifests
    }

    func text(_ json: JSONValue, _ name: String) throws(PlanError) -> String {
        guard let text = json[name]?.stringValue else {
            throw PlanError(message: "the plan lacks \"\(name)\"")
        }
        return text
    }

    func seed(_ json: JSONValue) throws(PlanError) -> UInt64 {
        guard let seed = UInt64(try text(json, "seed")) else {
            throw PlanError(message: "a seed in the plan is not a number")
        }
        return seed
    }

    func duration(_ json: JSONValue, _ name: String) throws(PlanError) -> Duration {
        guard let duration = try? Duration(parsing: try text(json, name)) else {
            throw PlanError(message: "\"\(name)\" in the plan is not a duration")
        }
        return duration
    }

    private func optionalDuration(
        _ json: JSONValue,
        _ name: String
    ) throws(PlanError) -> Duration? {
        json[name] == nil ? nil : try duration(json, name)
    }

    func targets(_ json: JSONValue?) -> [TargetSelector] {
        (json?.arrayValue ?? []).compactMap { TargetSelector(json: $0) }
    }

    func steps(_ json: JSONValue?) throws(PlanError) -> [PlannedStep] {
        try (json?.arrayValue ?? []).map(step)
    }

    func step(_ json: JSONValue) throws(PlanError) -> PlannedStep {
        let plugin = try text(json, "plugin")
        let name = try text(json, "function")
        guard let function = manifests.first(where: { $0.name == plugin })?.function(name) else {
            throw PlanError(message: "the plan has no manifest for \(plugin) \(name)")
        }
        let step: Step
        do throws(UnitError) {
            step = try Step(json: json["step"] ?? .null)
        } catch {
            throw PlanError(message: error.message)
        }
        var planned = PlannedStep(step: step, function: function, seed: try seed(json))
        planned.target = json["target"].flatMap { TargetSelector(json: $0) }
        planned.pick = json["pick"]?.stringValue
        planned.hostReach = json["host-reach"]?.stringValue
        planned.backend = json["backend"]?.stringValue
        planned.hold = try optionalDuration(json, "hold")
        let phases = json["phases"]?.arrayValue ?? []
        planned.phases = Set(phases.compactMap { ProbePhase(rawValue: $0.stringValue ?? "") })
        planned.argumentTexts = (json["shown"]?.arrayValue ?? []).compactMap(\.stringValue)
        return planned
    }

    func hypothesis(_ json: JSONValue) throws(PlanError) -> PlannedHypothesis {
        var hypothesis = Hypothesis(title: try text(json, "title"))
        guard let strategy = HypothesisStrategy(rawValue: try text(json, "strategy")) else {
            throw PlanError(message: "the plan has an unknown strategy")
        }
        hypothesis.strategy = strategy
        hypothesis.frequency = try duration(json, "frequency")
        hypothesis.recoversWithin = try optionalDuration(json, "recovers-within")
        return PlannedHypothesis(hypothesis, probes: try steps(json["probes"]))
    }

    func load(_ json: JSONValue) throws(PlanError) -> LoadProfile {
        guard let rate = json["rate"]?.doubleValue,
            let arrivals = LoadProfile.Arrivals(rawValue: try text(json, "arrivals"))
        else { throw PlanError(message: "the plan's load has no rate or arrivals") }
        var load = LoadProfile(ratePerSecond: rate)
        load.scenario = try text(json, "scenario")
        load.arrivals = arrivals
        load.warmUp = try duration(json, "warm-up")
        load.baseline = try duration(json, "baseline")
        load.after = try duration(json, "after")
        load.timeout = try duration(json, "timeout")
        for (name, path) in LoadProfile.Mix.members {
            load.mix[keyPath: path] = json["mix"]?[name]?.doubleValue ?? 0
        }
        return load
    }
}
