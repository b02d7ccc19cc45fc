import BundledPlugins
import ChaosPluginAPI
import ChaosRunner
import CommandLine
import EventLoop
import JSON

/// `chaos recover`: undoes what dead runs left.
enum RecoverCommand {
    static let command = Command(
        "recover",
        summary: "undo whatever runs that died have left behind",
        discussion: """
            Reverts every fault whose runner no longer lives, from the undo records on disk. \
            Leaves living runs alone. May be run any number of times. Exit status: 0 when nothing \
            is left, 4 otherwise.
            """,
        options: [Option("json", "Print one JSON document.")],
        action: { invocation in
            try Loop.main {
                guard let loop = Loop.current else { return ExitStatus.internalFault }
                let report = await Recovery.recover(plugins: bundledPlugins, loop: loop)
                Console.answer(
                    invocation.has("json")
                        ? json(of: report).serialized(pretty: true) : text(of: report)
                )
                return report.isClean ? ExitStatus.held : ExitStatus.undoIncomplete
            }
        }
    )

    private static func text(of report: RecoveryReport) -> String {
        var lines = report.reverted.map {
            "reverted \($0.undo.function) on \($0.undo.target) (run \($0.runID))"
        }
        lines += report.living.map { "left alone: run \($0) is alive" }
        lines += report.failed.map { "NOT UNDONE: \($0.what): \($0.why)" }
        if report.isClean {
            lines.append(report.reverted.isEmpty ? "Nothing was left behind." : "All is undone.")
        } else {
            lines.append("Mend the cause and run 'chaos recover' again.")
        }
        return lines.joined(separator: "\n")
    }

    private static func json(of report: RecoveryReport) -> JSONValue {
        [
            "clean": .bool(report.isClean),
            "reverted": .array(report.reverted.map(\.json)),
            "living": .array(report.living.map { .string($0) }),
            "failed": .array(
                report.failed.map { ["what": .string($0.what), "why": .string($0.why)] }
            ),
        ]
    }
}
