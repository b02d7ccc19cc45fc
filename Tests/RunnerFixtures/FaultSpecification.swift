package import ChaosModel
package import ChaosPlan
package import ChaosPluginAPI
package import JSON
import LinuxSystem

/// One fault of a real plugin as a run of its own, in a form that fits into a file.
package struct FaultSpecification: Sendable {
    package var plugin: String
    package var function: String
    /// Canonical, as plugins read them.
    package var arguments: JSONObject
    package var target: TargetSelector?
    package var system: SystemDescription?
    package var hold: Duration
    package var killAt: KillPoint?
    package var victims = Victims.runner

    package init(
        _ plugin: String,
        _ function: String,
        _ arguments: JSONObject = [:],
        hold: Duration = .milliseconds(200)
    ) {
        self.plugin = plugin
        self.function = function
        self.arguments = arguments
        self.hold = hold
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "plugin": .string(plugin), "function": .string(function),
            "arguments": .object(arguments), "hold_ms": .number(hold / .milliseconds(1)),
            "victims": .string(victims.rawValue),
        ]
        object["target"] = target?.json
        object["system"] = system?.json
        object["kill-at"] = killAt.map { .string($0.rawValue) }
        return .object(object)
    }

    package init(json: JSONValue) throws {
        self.init(
            json["plugin"]?.stringValue ?? "",
            json["function"]?.stringValue ?? "",
            json["arguments"]?.objectValue ?? [:],
            hold: .milliseconds(json["hold_ms"]?.doubleValue ?? 0)
        )
        target = json["target"].flatMap { TargetSelector(json: $0) }
        system = try json["system"].map { try SystemDescription(json: $0) }
        killAt = json["kill-at"]?.stringValue.flatMap(KillPoint.init(rawValue:))
        victims = json["victims"]?.stringValue.flatMap(Victims.init(rawValue:)) ?? .runner
    }

    /// The plan of the run; the function comes from the plugin's own manifest.
    package func plan(_ plugins: [any Plugin]) throws -> Plan {
        let manifest = plugins.first { $0.manifest.name == plugin }?.manifest
        guard let function = manifest?.function(function) else {
            throw MarkerError(description: "there is no fault \(plugin) \(self.function)")
        }
        var provider = Provider(type: plugin, function: function.name)
        provider.arguments = arguments
        var step = Step(kind: .action, name: "\(plugin) \(function.name)", provider: provider)
        step.path = "method[0]"
        step.duration = hold
        step.target = target
        var planned = PlannedStep(step: step, function: function, seed: 7)
        planned.target = target
        planned.hold = hold
        var plan = Plan(title: "Crash", description: "", file: "markers.json", seed: 7)
        plan.steps = [planned]
        return plan
    }
}
