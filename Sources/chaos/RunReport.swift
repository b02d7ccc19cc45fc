import ChaosJournal
import ChaosReport
import ChaosVerdict

/// A journal with its verdict, ready to be rendered.
struct RunReport {
    private let report: Report

    init(journal: [UInt8]) {
        let (events, problems) = JournalReader.events(in: journal)
        report = Report(events: events, verdict: Judge.judge(events), problems: problems)
    }

    var verdict: Verdict { report.verdict }

    /// Whether the journal told nothing at all.
    var isEmpty: Bool { report.events.isEmpty }

    /// The report in a format of the registry; an unknown name gives HTML.
    func rendered(as format: String) -> [UInt8] {
        let chosen = ReportFormats.all.first { $0.name == format } ?? .html
        return chosen.render(report)
    }
}
