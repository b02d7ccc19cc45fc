import JSON

// Rounding lives in libm, which only this import links.
import func Glibc.round

/// Turns a file without mistakes into an experiment.
struct ExperimentBuilder {
    let root: JSONNode
    let isOurs: Bool

    func experiment() -> Experiment {
        var experiment = Experiment(
            title: text(root["title"]) ?? "",
            description: text(root["description"]) ?? ""
        )
        experiment.formatVersion = root["chaos"]?.value.integerValue.flatMap { Int(exactly: $0) }
        experiment.tags = root["tags"]?.elements.compactMap { $0.value.stringValue } ?? []
        experiment.configuration = root["configuration"]?.value.objectValue ?? [:]
        experiment.secrets = root["secrets"]?.value.objectValue ?? [:]
        experiment.document = root.value
        experiment.hypothesis = root["steady-state-hypothesis"].map(hypothesis)
        experiment.method = (root["method"]?.elements ?? []).map { step($0) }
        experiment.rollbacks = (root["rollbacks"]?.elements ?? []).map { step($0) }
        if let word = root["runtime"]?["rollbacks"]?["strategy"]?.value.stringValue {
            experiment.rollbackStrategy = RollbackStrategy(rawValue: word) ?? .always
        }
        if isOurs { readOurs(into: &experiment) }
        return experiment
    }

    private func readOurs(into experiment: inout Experiment) {
        experiment.system = text(root["system"])
        for member in root["replicas"]?.value.objectValue?.members ?? [] {
            experiment.replicas[member.name] = member.value.integerValue.flatMap(Int.init(exactly:))
        }
        for member in root["disks"]?.value.objectValue?.members ?? [] {
            experiment.disks[member.name] = member.value.stringValue
        }
        experiment.broker = text(root["broker"])
        experiment.seed = root["seed"]?.value.integerValue.map { UInt64(clamping: $0) }
        experiment.load = root["load"].map(load)
        if let node = root["blast-radius"] {
            if let duration = duration(node["max-duration"]) {
                experiment.blastRadius.maxDuration = duration
            }
            experiment.blastRadius.targets = (node["targets"]?.elements ?? []).compactMap {
                TargetSelector(json: $0.value)
            }
        }
        experiment.abortWhen = (root["abort-when"]?.elements ?? []).map { node in
            var condition = AbortCondition(probe: step(node))
            if let period = duration(node["period"]) { condition.period = period }
            return condition
        }
    }

    private func text(_ node: JSONNode?) -> String? {
        node.map { PythonRules.text($0.value) }
    }

    private func duration(_ node: JSONNode?) -> Duration? {
        switch node?.value {
        case .string(let text)?: try? Duration(parsing: text)
        case .integer(let seconds)?: .seconds(seconds)
        case .number(let seconds)? where abs(seconds) < 1e9:
            .nanoseconds(Int64((seconds * 1e9).rounded()))
        default: nil
        }
    }

    private func load(_ node: JSONNode) -> LoadProfile {
        let rate =
            node["rate"]?.value.stringValue.flatMap { try? Quantity(parsing: $0) }?.value
            ?? node["rate"]?.value.doubleValue
        var load = LoadProfile(ratePerSecond: rate ?? 1)
        if let scenario = text(node["scenario"]) { load.scenario = scenario }
        if let word = text(node["arrivals"]), let arrivals = LoadProfile.Arrivals(rawValue: word) {
            load.arrivals = arrivals
        }
        for (name, path) in [
            ("warm-up", \LoadProfile.warmUp), ("baseline", \LoadProfile.baseline),
            ("after", \LoadProfile.after), ("timeout", \LoadProfile.timeout),
        ] {
            if let duration = duration(node[name]) { load[keyPath: path] = duration }
        }
        for (name, path) in LoadProfile.Mix.members {
            if let share = share(node["mix"]?[name]) { load.mix[keyPath: path] = share }
        }
        return load
    }

    private func share(_ node: JSONNode?) -> Double? {
        node?.value.stringValue.flatMap { try? Quantity(parsing: $0) }?.value
            ?? node?.value.doubleValue
    }

    private func hypothesis(_ node: JSONNode) -> Hypothesis {
        var hypothesis = Hypothesis(title: text(node["title"]) ?? "")
        hypothesis.probes = (node["probes"]?.elements ?? []).map { step($0) }
        let runtime = text(root["runtime"]?["hypothesis"]?["strategy"])
        // "continously" is a spelling that the Chaos Toolkit accepts.
        let word = (isOurs ? text(node["strategy"]) : nil) ?? runtime
        if let word {
            hypothesis.strategy =
                HypothesisStrategy(rawValue: word == "continously" ? "continuously" : word)
                ?? .standard
        }
        hypothesis.frequency = isOurs ? .seconds(2) : .seconds(1)
        if isOurs {
            if let frequency = duration(node["frequency"]) { hypothesis.frequency = frequency }
            hypothesis.recoversWithin = duration(node["recovers-within"])
        }
        return hypothesis
    }

    /// A step, or the step that a reference names with what stands beside the reference.
    func step(_ node: JSONNode) -> Step {
        let name = node["ref"]?.value.stringValue
        let named = name.flatMap { ActivityReferences(root: root).target(of: $0) }
        var step = described(named ?? node)
        step.path = node.path
        if named != nil {
            step.background = node["background"]?.value.boolValue ?? false
            step.tolerance = tolerance(node["tolerance"])
            step.phases = phases(node["phases"])
        }
        return step
    }

    private func described(_ node: JSONNode) -> Step {
        var step = Step(
            kind: node["type"]?.value == "action" ? .action : .probe,
            name: text(node["name"]) ?? "",
            provider: provider(node["provider"])
        )
        step.path = node.path
        step.tolerance = tolerance(node["tolerance"])
        step.background = node["background"]?.value.boolValue ?? false
        step.timeout = duration(node["timeout"])
        readPauses(node["pauses"], into: &step)
        guard isOurs else { return step }
        step.duration = duration(node["duration"])
        step.target = node["target"].flatMap { TargetSelector(json: $0.value) }
        step.pick = node["target"]?["pick"].flatMap { TargetPick(json: $0.value) }
        if let least = node["effect"]?["at-least"]?.value.integerValue {
            step.effectMinimum = Int(least)
        }
        step.phases = phases(node["phases"])
        return step
    }

    private func tolerance(_ node: JSONNode?) -> Tolerance? {
        node.flatMap { try? Tolerance(json: $0.value) }
    }

    private func phases(_ node: JSONNode?) -> Set<ProbePhase>? {
        node.map {
            Set($0.elements.compactMap { ProbePhase(rawValue: $0.value.stringValue ?? "") })
        }
    }

    private func readPauses(_ node: JSONNode?, into step: inout Step) {
        for (name, path) in [
            ("before", \Step.pauseBefore), ("after", \Step.pauseAfter),
        ] {
            guard let pause = node?[name], !pause.value.isNull else { continue }
            if let text = pause.value.stringValue, Substitution.hasReference(text) {
                step.pauseReferences[name] = pause.value
            } else {
                step[keyPath: path] = duration(pause)
            }
        }
    }

    private func provider(_ node: JSONNode?) -> Provider {
        let document = node?.value.objectValue ?? [:]
        var provider = Provider(
            type: document["type"]?.stringValue ?? "",
            function: document["func"]?.stringValue
        )
        provider.document = document
        provider.arguments = document["arguments"]?.objectValue ?? [:]
        return provider
    }
}
