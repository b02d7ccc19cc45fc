import ChaosReport
import ChaosVerdict
import CommandLine
import LinuxSystem

/// `chaos history`: the runs of a directory, and how their figures went.
enum HistoryCommand {
    static let command = Command(
        "history",
        summary: "list the runs of a directory with their verdicts and trends",
        discussion: """
            Looks for journals in DIR and up to three directories below. Each run is judged \
            anew from its journal. p99 and success are those of the operation with most calls, \
            while a fault was in effect.
            """,
        arguments: [Argument("DIR", "Where runs are kept; 'runs' without it.", arity: .optional)],
        options: [
            Option(
                "limit",
                short: "n",
                value: "N",
                "At most so many runs of each experiment, the newest.",
                defaultText: "20"
            ),
            Option("json", "Print every run as one JSON document."),
        ],
        examples: [
            Example("chaos history", "What became of each experiment over time."),
            Example("chaos history runs --json", "The same for a program."),
        ],
        action: { try run($0) }
    )

    /// Runs lie in `DIR/<experiment>/<time>`, those of a mutant or a GameDay one deeper.
    private static let depthMax = 3
    /// More journals than this are not read.
    private static let runsMax = 2000

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let root = invocation.arguments.first ?? "runs"
        guard SystemFiles.isDirectory(root) else {
            throw Failure(
                "there is no directory \(root). Name the one that 'chaos run --output' wrote to.",
                status: ExitStatus.usage
            )
        }
        let word = invocation.value("limit") ?? "20"
        guard let limit = Int(word), limit > 0 else {
            throw UsageError(
                path: invocation.path,
                message: "--limit \(word) is no number of runs. Use 1 or more."
            )
        }
        var directories: [String] = []
        find(root, depth: 0, &directories)
        let entries = directories.prefix(runsMax).compactMap { directory -> RunHistory.Entry? in
            guard let report = try? RunReport(path: "\(directory)/journal.jsonl"), !report.isEmpty
            else { return nil }
            return RunHistory.Entry(directory: directory, verdict: report.verdict)
        }
        let history = RunHistory(entries)
        if directories.count > runsMax {
            Console.say("Read \(runsMax) of \(directories.count) runs.")
        }
        let answer = invocation.has("json") ? history.json : history.text(limit: limit)
        Console.answer(bytes: Array(answer.utf8))
        return ExitStatus.held
    }

    /// Follows no links: `latest` names a run that is found by its own name.
    private static func find(_ directory: String, depth: Int, _ found: inout [String]) {
        if SystemFiles.exists("\(directory)/journal.jsonl") { found.append(directory) }
        guard depth < depthMax else { return }
        for name in (try? SystemFiles.list(directory))?.sorted() ?? [] {
            let path = "\(directory)/\(name)"
            guard SystemFiles.isDirectory(path),
                (try? SystemFiles.linkDestination(path)) == nil
            else { continue }
            find(path, depth: depth + 1, &found)
        }
    }
}
