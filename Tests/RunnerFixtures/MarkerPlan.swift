package import ChaosModel
package import ChaosPlan
import ChaosPluginAPI
import JSON

/// Plans that leave markers.
package enum MarkerPlan {
    /// One fault: a marker at `path` that stays for `hold`.
    package static func plan(path: String, hold: Duration, killAt: KillPoint? = nil) -> Plan {
        var plan = Plan(title: "Markers", description: "", file: "markers.json", seed: 7)
        plan.steps = [fault(path: path, hold: hold, killAt: killAt)]
        return plan
    }

    /// A fault as a step of the method.
    package static func fault(
        path: String,
        hold: Duration,
        killAt: KillPoint? = nil,
        background: Bool = false,
        index: Int = 0
    ) -> PlannedStep {
        var arguments: JSONObject = ["path": .string(path)]
        if let killAt { arguments["kill-at"] = .string(killAt.rawValue) }
        var planned = step(.action, "leave", arguments, path: "method[\(index)]")
        planned.step.duration = hold
        planned.step.background = background
        planned.hold = hold
        return planned
    }

    /// A probe that says whether the file exists, judged against `tolerance`.
    package static func probe(
        path: String,
        tolerance: Bool?,
        phases: Set<ProbePhase>,
        name: String = "the marker exists"
    ) -> PlannedStep {
        var planned = step(
            .probe,
            "exists",
            ["path": .string(path)],
            path: "steady-state-hypothesis.probes[0]"
        )
        planned.step.name = name
        planned.step.tolerance = tolerance.map { .equal(.bool($0)) }
        planned.phases = phases
        return planned
    }

    /// An action that removes a file.
    package static func removal(path: String) -> PlannedStep {
        step(.action, "remove", ["path": .string(path)], path: "rollbacks[0]")
    }

    private static func step(
        _ kind: Step.Kind,
        _ function: String,
        _ arguments: JSONObject,
        path: String
    ) -> PlannedStep {
        var provider = Provider(type: "marker", function: function)
        provider.arguments = arguments
        var step = Step(kind: kind, name: "\(function) a marker", provider: provider)
        step.path = path
        let known = MarkerPlugin().manifest.functions.first { $0.name == function }
        let function = known ?? PluginFunction(name: function, kind: .probe, summary: "")
        return PlannedStep(step: step, function: function, seed: 1)
    }
}
