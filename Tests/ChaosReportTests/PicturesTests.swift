import ChaosJournal
import ChaosReport
import ChaosVerdict
import Testing

/// Drawings, comparison and history.
struct PicturesTests {
    @Test(arguments: Snapshots.samples)
    func `each drawing is a file that stands alone`(sample: Snapshots.Sample) {
        let files = Pictures.all(sample.run.report)
        #expect(files.contains { $0.file == "timeline.svg" })
        #expect(Set(files.map(\.file)).count == files.count)
        for file in files {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(WellFormedness.problem(in: "<!DOCTYPE html>\n" + text) == nil, "\(file.file)")
            #expect(text.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
            #expect(text.contains("<style>") && text.contains("<title "))
        }
    }

    @Test func `names from the system under test cannot leave the directory`() {
        var run = SampleRun.deviated
        run.hostile = "/../../x"
        for file in Pictures.all(run.report) { #expect(!file.file.contains("/")) }
    }

    @Test func `an offending order is drawn as a sequence, with both charges`() throws {
        let files = Pictures.all(SampleRun.deviated.report)
        let story = try #require(files.first { $0.file.hasSuffix("-story.svg") })
        let text = String(decoding: story.bytes, as: UTF8.self)
        for part in ["ch_7Kq0a", "ch_9Zw0b", "card processor", "client: checkout"] {
            #expect(text.contains(part), "\(part)")
        }
    }
}

struct StreamedReportTests {
    @Test func `a report made of columns is the same as one made of all events`() {
        let whole = SampleRun.deviated.report
        let keys = Report.storyKeys(whole.verdict)
        let kept = whole.events.filter { event in
            guard case .operation(let operation) = event.payload else { return true }
            return keys.contains(operation.key)
        }
        #expect(kept.count < whole.events.count / 2)
        let streamed = Report(
            events: kept,
            operations: whole.operations,
            eventCount: whole.eventCount,
            verdict: whole.verdict,
            problems: whole.problems
        )
        for format in ReportFormats.all { #expect(format.render(streamed) == format.render(whole)) }
    }
}

struct ComparisonTests {
    @Test func `a run compared with itself shows no difference that is not chance`() {
        let verdict = SampleRun.held.report.verdict
        let comparison = RunComparison(verdict, verdict)
        #expect(!comparison.isWorse)
        #expect(!comparison.figures.contains { $0.judgement == .better })
        #expect(comparison.faults.allSatisfy { $0.first == $0.second })
    }

    @Test func `a broken promise and what differs are told`() {
        let comparison = RunComparison(
            SampleRun.held.report.verdict,
            SampleRun.deviated.report.verdict
        )
        #expect(comparison.isWorse)
        let text = ComparisonText(comparison).text
        #expect(text.contains("invariant no-double-charge-per-order"))
        #expect(text.contains("✕ worse"))
        #expect(ComparisonText(comparison).markdown.contains("| holds | broken |"))
        #expect(ComparisonText(comparison).json.contains("\"worse\": true"))
    }
}

struct HistoryTests {
    @Test func `runs stand by experiment and time, with their trends`() {
        let runs = [SampleRun.held, .deviated, .held].enumerated().map { index, run in
            RunHistory.Entry(directory: "runs/\(index)", verdict: run.report.verdict)
        }
        let text = RunHistory(runs).text(limit: 2)
        #expect(text.contains("… and 1 older run"))
        #expect(text.contains("  outcome   "))
        #expect(text.contains("  p99       "))
        #expect(RunHistory([]).text(limit: 5) == "No run was found.\n")
        #expect(RunHistory(runs).json.contains("\"p99_ms\""))
    }
}
