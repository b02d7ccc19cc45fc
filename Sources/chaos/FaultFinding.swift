import BundledPlugins
import ChaosPluginAPI
import EventLoop
import JSON

/// Whether one fault works on this machine, by one of its backends.
struct FaultFinding {
    var plugin: String
    var check: SelfCheck

    /// Asks every bundled plugin, one after the other; on a loop.
    static func all() async -> [FaultFinding] {
        var findings: [FaultFinding] = []
        for plugin in bundledPlugins where plugin.manifest.hasFaults {
            let name = plugin.manifest.name
            let checks = await checks(of: plugin)
            findings += checks.map { FaultFinding(plugin: name, check: $0) }
        }
        return findings
    }

    /// A plugin that does not answer in time is told as such: the doctor waits for nobody for ever.
    private static func checks(of plugin: any Plugin) async -> [SelfCheck] {
        do {
            return try await withDeadline(SelfCheck.deadline) { await plugin.selfChecks() }
        } catch {
            let verdict = SelfCheck.Verdict.missing(
                "the check took longer than \(SelfCheck.deadline)",
                remedy: "run chaos doctor again on a quieter machine"
            )
            return plugin.manifest.functions.filter { $0.kind == .fault }
                .map { SelfCheck($0.name, verdict) }
        }
    }

    /// One line, and what to do when it does not work.
    var lines: [String] {
        let name = "\(plugin) \(check.function)".padding(to: 24)
        let backend = check.backend.padding(to: 18)
        switch check.verdict {
        case .works: return ["  ok      \(name) \(backend) tried, works"]
        case .needsNothing:
            let needs =
                check.needs.isEmpty ? "needs nothing of this machine" : "needs \(check.needs)"
            return ["  -       \(name) \(backend) \(needs)"]
        case .missing(let why, let remedy):
            return ["  MISSING \(name) \(backend) \(why)", "          do: \(remedy)"]
        }
    }

    /// `{"plugin","function","backend","needs","state","why","remedy"}`.
    var json: JSONValue {
        var object: JSONObject = [
            "plugin": .string(plugin), "function": .string(check.function),
            "backend": .string(check.backend), "needs": .string(check.needs),
        ]
        switch check.verdict {
        case .works: object["state"] = "works"
        case .needsNothing: object["state"] = "needs-nothing"
        case .missing(let why, let remedy):
            object["state"] = "missing"
            object["why"] = .string(why)
            object["remedy"] = .string(remedy)
        }
        return .object(object)
    }
}

extension PluginManifest {
    fileprivate var hasFaults: Bool { functions.contains { $0.kind == .fault } }
}
