import ChaosReport
import ChaosVerdict
import CommandLine
import LinuxSystem

/// `chaos report`: a report from a journal, also from one that was cut short, or two compared.
enum ReportCommand {
    static let command = Command(
        "report",
        summary: "render the report of a run from its journal, or compare two runs",
        discussion: """
            The journal is all it needs: it may come from another machine or from a run that was \
            killed. Writes to stdout unless --output, --pdf or --svg names a place. With two runs, \
            their verdicts, figures and faults are set side by side, and every difference says \
            whether it could be chance.
            """,
        arguments: [
            Argument(
                "RUN",
                "A journal (journal.jsonl) or the directory of a run; two are compared.",
                arity: .any
            )
        ],
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
                defaultText: "html; text for two runs",
                choices: ReportFormats.all.map(\.name)
            ),
            Option("json", "The same as --format json."),
            Option(
                "output",
                short: "o",
                value: "FILE",
                "Where to write it.",
                defaultText: "stdout"
            ),
            Option("svg", value: "DIR", "Write each chart as an SVG file into this directory."),
            Option("pdf", value: "FILE", "Print the report to a PDF; needs Chromium."),
        ],
        examples: [
            Example(
                "chaos report runs/lost-commit-ack/latest --format markdown",
                "A short report for a pull request."
            ),
            Example(
                "chaos report runs/lost-commit-ack/latest --pdf report.pdf",
                "A report to forward."
            ),
            Example(
                "chaos report before/journal.jsonl after/journal.jsonl",
                "What changed from one run to another."
            ),
        ],
        action: { try run($0) }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let paths = invocation.values("from") + invocation.arguments
        let format = invocation.has("json") ? "json" : invocation.value("format")
        switch paths.count {
        case 1: try write(read(paths[0]), format ?? "html", invocation)
        case 2: try compare(read(paths[0]), read(paths[1]), format ?? "text", invocation)
        default:
            throw UsageError(
                path: invocation.path,
                message: "\(paths.count) runs were named. Name one, or two to compare."
            )
        }
        return ExitStatus.held
    }

    private static func write(
        _ report: RunReport,
        _ format: String,
        _ invocation: Invocation
    ) throws {
        if let directory = invocation.value("svg") { try writePictures(report, to: directory) }
        if let file = invocation.value("pdf") {
            try PDFPrinter.write(report.rendered(as: "html"), to: file)
            Console.say("The report is in \(file).")
        }
        let isElsewhere = invocation.has("svg") || invocation.has("pdf")
        guard !isElsewhere || invocation.has("output") else { return }
        try put(report.rendered(as: format), invocation)
    }

    private static func compare(
        _ first: RunReport,
        _ second: RunReport,
        _ format: String,
        _ invocation: Invocation
    ) throws {
        let comparison = RunComparison(first.verdict, second.verdict)
        let form = ComparisonText(comparison)
        switch format {
        case "json": try put(Array(form.json.utf8), invocation)
        case "text": try put(Array(form.text.utf8), invocation)
        case "markdown": try put(Array(form.markdown.utf8), invocation)
        default:
            throw UsageError(
                path: invocation.path,
                message: "Two runs are compared as text, markdown or json, not as \(format)."
            )
        }
    }

    private static func read(_ name: String) throws -> RunReport {
        let isDirectory = SystemFiles.isDirectory(name)
        let path = isDirectory ? name + "/journal.jsonl" : name
        guard SystemFiles.exists(path) else {
            let what = isDirectory ? "\(name) holds no journal.jsonl" : "there is no \(name)"
            throw Failure(
                "\(what). Name the directory of a run, such as runs/first/latest, or its "
                    + "journal.jsonl; 'chaos history' lists the runs.",
                status: ExitStatus.usage
            )
        }
        let report: RunReport
        do {
            report = try RunReport(path: path)
        } catch {
            throw Failure("\(error)", status: ExitStatus.usage)
        }
        guard !report.isEmpty else {
            throw Failure(
                "\(path) holds no event of a run. Name the journal.jsonl of a run's directory.",
                status: ExitStatus.usage
            )
        }
        return report
    }

    private static func put(_ bytes: [UInt8], _ invocation: Invocation) throws {
        if let file = invocation.value("output"), file != "-" {
            try SystemFiles.writeAtomically(file, bytes, mode: 0o644)
            Console.say("The report is in \(file).")
        } else {
            Console.answer(bytes: bytes)
        }
    }

    private static func writePictures(_ report: RunReport, to directory: String) throws {
        try SystemFiles.createDirectory(directory, mode: 0o755, parents: true)
        let pictures = Pictures.all(report.report)
        for picture in pictures {
            let path = "\(directory)/\(picture.file)"
            try SystemFiles.writeAtomically(path, picture.bytes, mode: 0o644)
        }
        let names = pictures.map(\.file).joined(separator: ", ")
        Console.say("\(NumberText.count(pictures.count, "chart")) in \(directory): \(names).")
    }
}
