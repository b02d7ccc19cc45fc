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

    /// A row for each plugin and backend; functions with the same finding share one.
    static func rows(_ findings: [FaultFinding]) -> [String] {
        var groups: [[FaultFinding]] = []
        for finding in findings {
            let index = groups.firstIndex { $0[0].isLike(finding) }
            if let index { groups[index].append(finding) } else { groups.append([finding]) }
        }
        return groups.flatMap { row(of: $0) }
    }

    /// More functions than this are counted, not named.
    private static let namesMax = 5

    private func isLike(_ other: FaultFinding) -> Bool {
        plugin == other.plugin && check.backend == other.check.backend
            && check.needs == other.check.needs && check.verdict == other.check.verdict
    }

    private static func row(of group: [FaultFinding]) -> [String] {
        let check = group[0].check
        let names = group.map(\.check.function)
        let what =
            names.count > namesMax ? "\(names.count) faults" : names.joined(separator: ", ")
        let head = "\(group[0].plugin.padding(to: 10)) \(check.backend.padding(to: 16)) \(what): "
        switch check.verdict {
        case .works: return ["  ok      " + head + "tried, works"]
        case .needsNothing:
            let needs =
                check.needs.isEmpty ? "needs nothing of this machine" : "needs \(check.needs)"
            return ["  -       " + head + needs]
        case .missing(let why, let remedy):
            return ["  MISSING " + head + why, "          do: \(remedy)"]
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
