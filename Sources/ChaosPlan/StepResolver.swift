import ChaosModel
import ChaosPluginAPI
import JSON

/// Makes a planned step of a step and reports what stands against it.
struct StepResolver {
    let experiment: Experiment
    let system: SystemDescription?
    let plugins: [PluginManifest]
    let substitution: Substitution
    let problems: ProblemCollector

    /// Where a step stands, as far as the rules differ.
    enum Role { case method, rollback, hypothesis, abort }

    /// `isDeclared`: what the target was picked for lies within the blast radius as a whole.
    func resolve(
        _ step: Step,
        _ seed: UInt64,
        role: Role = .method,
        isDeclared: Bool = false
    ) -> PlannedStep? {
        guard let manifest = plugin(of: step), let function = function(of: step, in: manifest)
        else {
            return nil
        }
        var planned = PlannedStep(step: step, function: function, seed: seed)
        planned.step.provider.function = function.name
        checkKind(planned, role)
        resolveArguments(of: step, into: &planned)
        resolvePauses(of: step, into: &planned)
        planned.target = target(of: planned, isDeclared: isDeclared)
        planned.hold = hold(of: planned, role)
        planned.step.tolerance = tolerance(of: planned)
        planned.phases = step.phases ?? Set(function.phases.compactMap(ProbePhase.init(rawValue:)))
        return planned
    }

    private func plugin(of step: Step) -> PluginManifest? {
        if let manifest = plugins.first(where: { $0.name == step.provider.type }) {
            return manifest
        }
        let name = step.provider.type
        problems.report(
            path: "\(step.path).provider.type",
            "there is no plugin \"\(name)\"",
            name == "python"
                ? "Python providers need a bridge that this version does not have."
                : Spelling.advice(for: name, among: plugins.map(\.name), kind: "plugins")
        )
        return nil
    }

    /// The named function; the Chaos Toolkit's providers name none and mean the first of the step's
    /// kind.
    private func function(of step: Step, in manifest: PluginManifest) -> PluginFunction? {
        guard let name = step.provider.function else {
            let kind: PluginFunction.Kind = step.kind == .probe ? .probe : .action
            if let function = manifest.functions.first(where: { $0.kind == kind }) {
                return function
            }
            problems.report(
                path: "\(step.path).provider",
                "the plugin \(manifest.name) has nothing for \(step.kind.rawValue)s",
                "Name its function with \"func\"."
            )
            return nil
        }
        if let function = manifest.function(name) { return function }
        problems.report(
            path: "\(step.path).provider.func",
            "the plugin \(manifest.name) has no function \"\(name)\"",
            Spelling.advice(for: name, among: manifest.functions.map(\.name), kind: "functions")
        )
        return nil
    }

    private func checkKind(_ planned: PlannedStep, _ role: Role) {
        let (step, function) = (planned.step, planned.function)
        let label = "\(step.provider.type) \(function.name)"
        let isProbe = function.kind == .probe
        // The Chaos Toolkit accepts an action as a probe of the hypothesis.
        let isToolkitAction = experiment.formatVersion == nil && step.kind == .action && !isProbe
        if role == .hypothesis || role == .abort, !isProbe, !isToolkitAction {
            problems.report(
                path: "\(step.path).provider.func",
                "\(label) is \(Self.article(function.kind)) and cannot be judged",
                "Use a probe."
            )
        } else if (step.kind == .probe) != isProbe {
            problems.report(
                path: "\(step.path).type",
                "\(label) is \(Self.article(function.kind)), not \(Self.article(step.kind))",
                "Use \"type\": \"\(isProbe ? "probe" : "action")\"."
            )
        }
        if role == .rollback, function.kind == .fault {
            problems.report(
                path: "\(step.path).provider.func",
                "\(label) is a fault and cannot be a rollback",
                "Faults are undone by themselves; remove the rollback."
            )
        }
    }

    private static func article(_ kind: PluginFunction.Kind) -> String {
        switch kind {
        case .probe: "a probe"
        case .action: "an action"
        case .fault: "a fault"
        }
    }

    private static func article(_ kind: Step.Kind) -> String {
        kind == .probe ? "a probe" : "an action"
    }

    private func resolvePauses(of step: Step, into planned: inout PlannedStep) {
        for (name, path) in [("before", \Step.pauseBefore), ("after", \Step.pauseAfter)] {
            guard let written = step.pauseReferences[name] else { continue }
            let value = substitution.apply(to: written)
            switch value {
            case .integer, .number:
                guard let seconds = value.doubleValue, seconds >= 0, seconds <= 86_400 else {
                    break
                }
                planned.step[keyPath: path] = .milliseconds(seconds * 1000)
                continue
            case .string(let text):
                guard let duration = try? Duration(parsing: text) else { break }
                planned.step[keyPath: path] = duration
                continue
            default: break
            }
            let shown = value == written ? "has no value" : "is \(value.kindInWords)"
            problems.report(
                path: "\(step.path).pauses.\(name)",
                "the pause \(written.stringValue ?? "") \(shown)",
                "Give \"configuration\" a number of seconds or a duration for it."
            )
        }
    }

    /// The tolerance with names replaced, its unit compared with the probe's.
    private func tolerance(of planned: PlannedStep) -> Tolerance? {
        guard let written = planned.step.tolerance else { return nil }
        let path = "\(planned.step.path).tolerance"
        let tolerance: Tolerance
        do throws(UnitError) {
            tolerance = try written.substituting(substitution)
        } catch {
            problems.report(path: path, error.message, error.remedy)
            return written
        }
        guard case .bounds(let atLeast, let atMost) = tolerance else { return tolerance }
        let unit = planned.function.unit
        for (name, bound) in [("at-least", atLeast), ("at-most", atMost)] {
            guard let bound, bound.unit != .none, bound.unit.rawValue != unit else { continue }
            let label = "\(planned.step.provider.type) \(planned.function.name)"
            problems.report(
                path: "\(path).\(name)",
                "\(bound.text) cannot be compared with \(label)"
                    + (unit.isEmpty ? ", which has no unit" : ", whose unit is \(unit)"),
                unit.isEmpty
                    ? "Use a tolerance without a unit."
                    : "Write the bound as \(Self.example(unit))."
            )
        }
        return tolerance
    }

    private static func example(_ unit: String) -> String {
        switch unit {
        case "ms": "a duration, such as \"300ms\""
        case "ratio": "a share, such as \"99%\""
        case "/s": "a rate, such as \"100/s\""
        default: "a number with the unit \(unit)"
        }
    }
}
