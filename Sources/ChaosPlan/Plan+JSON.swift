import ChaosModel
import ChaosPluginAPI
package import JSON

/// A saved plan that cannot be read.
package struct PlanError: Error, Sendable, CustomStringConvertible {
    package var message: String

    /// What is wrong and what to do.
    package var description: String { "\(message). Make the plan anew with chaos plan." }
}

extension Plan {
    /// The version of the saved form.
    private static let version: Int64 = 1

    /// The plan with the manifests that it needs, readable without the experiment's file.
    package var json: JSONValue {
        var object: JSONObject = [
            "plan": .integer(Self.version), "title": .string(title),
            "description": .string(description), "file": .string(file),
            // A string: seeds have 64 bits, most readers of JSON keep 53.
            "seed": .string(String(seed)),
        ]
        object["system"] = system.map { .string($0) }
        if !replicas.isEmpty {
            object["replicas"] = .object(
                JSONObject(
                    replicas.sorted { $0.key < $1.key }
                        .map { .init(name: $0.key, value: .integer(Int64($0.value))) }
                )
            )
        }
        if !disks.isEmpty {
            object["disks"] = .object(
                JSONObject(
                    disks.sorted { $0.key < $1.key }
                        .map { .init(name: $0.key, value: .string($0.value)) }
                )
            )
        }
        object["broker"] = broker.map { .string($0) }
        object["load"] = load?.json
        object["hypothesis"] = hypothesis?.json
        object["steps"] = .array(steps.map(\.json))
        object["rollbacks"] = .array(rollbacks.map(\.json))
        object["rollback-strategy"] = .string(rollbackStrategy.rawValue)
        object["aborts"] = .array(
            aborts.map { ["probe": $0.probe.json, "period": .string($0.period.text)] }
        )
        object["bounds"] = [
            "max-duration": .string(bounds.maxDuration.text),
            "targets": .array(bounds.targets.map(\.json)),
        ]
        object["targets"] = .array(targets.map(\.json))
        object["plugins"] = .array(
            plugins.map { ["plugin": $0.pluginJSON, "schema": $0.schemaJSON] }
        )
        return .object(object)
    }

    /// Reads what `json` writes.
    ///
    /// Errors: a member that is missing, malformed or of another version.
    package init(json: JSONValue) throws(PlanError) {
        guard json["plan"] == .integer(Self.version) else {
            throw PlanError(message: "this is not a plan of version \(Self.version)")
        }
        let reader = PlanReader(manifests: try PlanReader.manifests(json["plugins"]))
        self.init(
            title: try reader.text(json, "title"),
            description: try reader.text(json, "description"),
            file: try reader.text(json, "file"),
            seed: try reader.seed(json)
        )
        plugins = reader.manifests
        system = json["system"]?.stringValue
        for member in json["replicas"]?.objectValue?.members ?? [] {
            replicas[member.name] = member.value.integerValue.flatMap(Int.init(exactly:))
        }
        for member in json["disks"]?.objectValue?.members ?? [] {
            disks[member.name] = member.value.stringValue
        }
        broker = json["broker"]?.stringValue
        load = try json["load"].map(reader.load)
        hypothesis = try json["hypothesis"].map(reader.hypothesis)
        steps = try reader.steps(json["steps"])
        rollbacks = try reader.steps(json["rollbacks"])
        rollbackStrategy =
            RollbackStrategy(rawValue: try reader.text(json, "rollback-strategy")) ?? .always
        aborts = try (json["aborts"]?.arrayValue ?? []).map { abort throws(PlanError) in
            PlannedAbort(
                probe: try reader.step(abort["probe"] ?? .null),
                period: try reader.duration(abort, "period")
            )
        }
        bounds.maxDuration = try reader.duration(json["bounds"] ?? .null, "max-duration")
        bounds.targets = reader.targets(json["bounds"]?["targets"])
        targets = reader.targets(json["targets"])
    }
}

extension PlannedStep {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "step": step.json, "plugin": .string(step.provider.type),
            "function": .string(function.name), "seed": .string(String(seed)),
        ]
        object["target"] = target?.json
        object["pick"] = pick.map { .string($0) }
        object["hold"] = hold.map { .string($0.text) }
        object["phases"] = .array(
            ProbePhase.allCases.filter(phases.contains).map { .string($0.rawValue) }
        )
        object["backend"] = backend.map { .string($0) }
        object["host-reach"] = hostReach.map { .string($0) }
        object["shown"] = .array(argumentTexts.map { .string($0) })
        return .object(object)
    }
}

extension PlannedHypothesis {
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "title": .string(title), "strategy": .string(strategy.rawValue),
            "frequency": .string(frequency.text),
        ]
        object["recovers-within"] = recoversWithin.map { .string($0.text) }
        object["probes"] = .array(probes.map(\.json))
        return .object(object)
    }
}

extension LoadProfile {
    fileprivate var json: JSONValue {
        [
            "scenario": .string(scenario), "rate": .number(ratePerSecond),
            "arrivals": .string(arrivals.rawValue), "warm-up": .string(warmUp.text),
            "baseline": .string(baseline.text), "after": .string(after.text),
            "timeout": .string(timeout.text),
            "mix": .object(
                JSONObject(
                    Mix.members.map { .init(name: $0.name, value: .number(mix[keyPath: $0.path])) }
                )
            ),
        ]
    }
}
