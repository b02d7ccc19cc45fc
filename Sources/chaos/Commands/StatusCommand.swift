import ChaosModel
import ChaosPluginAPI
import ChaosRunner
import CommandLine
import JSON
import LinuxSystem
import ShopSupervisor

/// `chaos status`: what is in effect on this host, and what runs.
enum StatusCommand {
    static let command = Command(
        "status",
        summary: "show the runs of this host, the faults in effect, and the shop",
        discussion: """
            Reads the ledger of undo records. A fault whose runner died is being reverted by its \
            guardian; 'chaos recover' reverts what no guardian could. Exit status: 0 when no \
            fault is left behind, 4 otherwise.
            """,
        options: [Option("json", "Print one JSON document.")],
        action: { invocation in
            try HostStatus.read().print(asJSON: invocation.has("json"))
        }
    )
}

/// Runs, faults and shops of this host; a value.
struct HostStatus {
    var runs: [RunStatus]
    var shops: [SystemDescription]
    var lever: Lever.Engagement?

    static func read() throws -> HostStatus {
        HostStatus(
            runs: try RunStatus.list(),
            shops: try runningShops(),
            lever: Lever().engagement
        )
    }

    private static func runningShops() throws -> [SystemDescription] {
        guard SystemFiles.exists(StatePaths.shops) else { return [] }
        return try SystemFiles.list(StatePaths.shops).sorted().compactMap { name in
            guard SystemFiles.isDirectory("\(StatePaths.shops)/\(name)") else { return nil }
            return try ShopSupervisor.status(name: name).system
        }
    }

    /// Faults of runs that nobody looks after any more.
    private var isLeftBehind: Bool { runs.contains { !$0.isAlive && !$0.faults.isEmpty } }

    func print(asJSON: Bool) -> Int32 {
        Console.answer(asJSON ? json.serialized(pretty: true) : text)
        return isLeftBehind ? ExitStatus.undoIncomplete : ExitStatus.held
    }

    private var text: String {
        var lines: [String] = []
        if let lever {
            lines.append("THE LEVER IS ENGAGED: no run may begin (\(lever.text)).")
        }
        if runs.isEmpty { lines.append("No run, and no fault in effect.") }
        for run in runs {
            let pid = run.pid.map { "process \($0)" } ?? "process unknown"
            let state = run.isAlive ? "running" : "its runner is gone"
            lines.append("run \(run.runID): \(run.title) (\(pid), \(state))")
            if let directory = run.directory {
                lines.append("  journal: \(directory)/journal.jsonl")
            }
            for fault in run.faults {
                let until = fault.until.map { ", until \($0.rfc3339)" } ?? ""
                let function = "\(fault.undo.plugin) \(fault.undo.function)"
                lines.append(
                    "  in effect: \(function) on \(fault.undo.target) "
                        + "since \(fault.since.rfc3339)\(until)"
                )
            }
            if run.faults.isEmpty { lines.append("  no fault in effect") }
            lines += run.guardian.map { record in
                "  guardian: \(record.at.rfc3339) \(record.state.rawValue)"
                    + (record.detail.map { " — \($0)" } ?? "")
            }
        }
        if shops.isEmpty { lines.append("No shop runs.") }
        for shop in shops {
            let mutants =
                shop.mutants.isEmpty ? "" : " with " + shop.mutants.joined(separator: ", ")
            lines.append("shop \(shop.name): \(shop.gateway ?? "starting")\(mutants)")
        }
        if isLeftBehind {
            lines.append("A fault was left behind. Run: chaos recover")
        }
        return lines.joined(separator: "\n")
    }

    private var json: JSONValue {
        [
            "runs": .array(runs.map(Self.json)), "shops": .array(shops.map(\.json)),
            "left-behind": .bool(isLeftBehind), "lever": LeverCommand.json(lever),
        ]
    }

    private static func json(_ run: RunStatus) -> JSONValue {
        [
            "run": .string(run.runID), "title": .string(run.title), "alive": .bool(run.isAlive),
            "pid": run.pid.map { .integer(Int64($0)) } ?? .null,
            "directory": run.directory.map { .string($0) } ?? .null,
            "faults": .array(run.faults.map(\.json)),
            "guardian": .array(
                run.guardian.map { record in
                    [
                        "at": .string(record.at.rfc3339), "state": .string(record.state.rawValue),
                        "detail": record.detail.map { .string($0) } ?? .null,
                    ]
                }
            ),
        ]
    }
}
