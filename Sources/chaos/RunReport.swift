import ChaosJournal
import ChaosReport
import ChaosVerdict
import LinuxSystem

/// A journal with its verdict, ready to be rendered.
///
/// The journal is read in pieces and never held as a whole: of the clients' operations only columns
/// of numbers are kept, and the events of those orders whose story is told.
struct RunReport {
    let report: Report

    /// Throws `SystemError` when the journal cannot be read.
    init(path: String) throws {
        var judging = Judging()
        var events: [JournalEvent] = []
        var count = 0
        var problems: [JournalProblem] = []
        try Self.read(path, &problems) { event in
            judging.take(event)
            count += 1
            if case .operation = event.payload { return }
            events.append(event)
        }
        let verdict = judging.verdict()
        let keys = Report.storyKeys(verdict)
        if !keys.isEmpty {
            var ignored: [JournalProblem] = []
            try Self.read(path, &ignored) { event in
                guard case .operation(let operation) = event.payload else { return }
                if keys.contains(operation.key) { events.append(event) }
            }
            events.sort { $0.sequence < $1.sequence }
        }
        report = Report(
            events: events,
            operations: judging.operations,
            eventCount: count,
            verdict: verdict,
            problems: problems
        )
    }

    private static func read(
        _ path: String,
        _ problems: inout [JournalProblem],
        _ body: (JournalEvent) -> Void
    ) throws {
        var stream = JournalStream()
        try SystemFiles.read(path) { stream.take($0, body) }
        problems = stream.finish(body)
    }

    var verdict: Verdict { report.verdict }

    /// Whether the journal told nothing at all.
    var isEmpty: Bool { report.eventCount == 0 }

    /// The report in a format of the registry; an unknown name gives HTML.
    func rendered(as format: String) -> [UInt8] {
        let chosen = ReportFormats.all.first { $0.name == format } ?? .html
        return chosen.render(report)
    }
}
