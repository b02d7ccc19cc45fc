import ChaosJournal
import ChaosReport
import ChaosVerdict
import CommandLine
import LinuxSystem

/// `chaos report`: a report from a journal, also from one that was cut short.
enum ReportCommand {
    static let command = Command(
        "report",
        summary: "render the report of a run from its journal",
        discussion: """
            The journal is all it needs: it may come from another machine or from a run that was \
            killed. Writes to stdout unless --output names a file.
            """,
        options: [
            Option(
                "from",
                value: "JOURNAL",
                "The journal (journal.jsonl) or the directory of a run."
            ),
            Option(
                "format",
                value: "FORMAT",
                "The form of the report.",
                defaultText: "html",
                choices: ReportFormats.all.map(\.name)
            ),
            Option(
                "output",
                short: "o",
                value: "FILE",
                "Where to write it.",
                defaultText: "stdout"
            ),
        ],
        examples: [
            Example(
                "chaos report --from runs/lost-commit-ack/latest --format markdown",
                "A short report for a pull request."
            )
        ],
        action: { try run($0) }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        guard var path = invocation.value("from") else {
            throw UsageError(path: invocation.path, message: "--from JOURNAL is missing.")
        }
        if SystemFiles.isDirectory(path) { path += "/journal.jsonl" }
        let bytes: [UInt8]
        do {
            bytes = try SystemFiles.read(path)
        } catch {
            throw Failure("\(error)", status: ExitStatus.usage)
        }
        let report = RunReport(journal: bytes)
        guard !report.isEmpty else {
            throw Failure(
                "\(path) holds no event of a run. Name the journal.jsonl of a run's directory.",
                status: ExitStatus.usage
            )
        }
        let rendered = report.rendered(as: invocation.value("format") ?? "html")
        if let file = invocation.value("output"), file != "-" {
            try SystemFiles.writeAtomically(file, rendered, mode: 0o644)
            Console.say("The report is in \(file).")
        } else {
            Console.answer(bytes: rendered)
        }
        return ExitStatus.held
    }
}
