import ChaosJournal
import ChaosReport
import ChaosVerdict
import Testing

/// Reports of stored journals, compared whole.
struct Snapshots {
    struct Sample: Sendable, CustomTestStringConvertible {
        var name: String
        var run: SampleRun
        var testDescription: String { name }
    }

    static let samples = [
        Sample(name: "held", run: .held),
        Sample(name: "deviated", run: .deviated),
        Sample(name: "inconclusive", run: .inconclusive),
        Sample(name: "cut", run: .cut),
    ]

    @Test(arguments: samples)
    func `a stored journal gives the stored summaries`(sample: Sample) throws {
        let journal = "Samples/\(sample.name).jsonl"
        if TestFiles.isRecording {
            try TestFiles.write(sample.run.journal, to: TestFiles.folder + "/" + journal)
        }
        let (events, problems) = JournalReader.events(in: try TestFiles.bytes(journal))
        let report = Report(events: events, verdict: Judge.judge(events), problems: problems)
        for name in ["markdown", "text"] {
            let format = try #require(ReportFormats.named(name))
            let file = "Samples/\(sample.name).\(format.fileExtension)"
            let bytes = format.render(report)
            if TestFiles.isRecording {
                try TestFiles.write(bytes, to: TestFiles.folder + "/" + file)
            }
            let expected = String(decoding: try TestFiles.bytes(file), as: UTF8.self)
            #expect(String(decoding: bytes, as: UTF8.self) == expected)
        }
    }

    @Test(arguments: samples)
    func `no line for the terminal is wider than a hundred columns`(sample: Sample) {
        var run = sample.run
        for hostile in [
            "", String(repeating: "long ", count: 60), String(repeating: "x", count: 300),
        ] {
            run.hostile = hostile
            let text = TerminalSummary.render(run.report)
            for line in text.split(separator: "\n") where line.count > TerminalSummary.width {
                // The command to repeat a run is one line, to be copied.
                Issue.record("\(line.count) columns: \(line)")
            }
        }
    }

    @Test func `colour marks the outcome and nothing else`() {
        let report = SampleRun.deviated.report
        let plain = TerminalSummary.render(report)
        let painted = TerminalSummary.render(report, color: true)
        #expect(painted.hasPrefix("\u{1b}[1;31m✕ DEVIATED\u{1b}[0m"))
        #expect(!plain.contains("\u{1b}"))
        #expect(painted.count == plain.count + 11)
    }

    @Test func `what a system wrote cannot steer the terminal`() {
        var run = SampleRun.deviated
        run.hostile = "\u{1b}[2J\u{7}\r\n"
        let text = TerminalSummary.render(run.report)
        let forbidden = text.unicodeScalars.filter {
            $0.properties.generalCategory == .control && $0 != "\n"
        }
        #expect(forbidden.isEmpty)
    }
}

/// The registry of formats.
struct Formats {
    @Test func `every format has a name of its own and renders every sample`() {
        let names = ReportFormats.all.map(\.name)
        #expect(Set(names).count == names.count)
        for format in ReportFormats.all {
            for sample in Snapshots.samples {
                #expect(!format.render(sample.run.report).isEmpty)
            }
            #expect(!format.render(Report(events: [], verdict: Judge.judge([]))).isEmpty)
        }
    }

    @Test func `an unknown format is none`() {
        #expect(ReportFormats.named("pdf") == nil)
    }
}

/// What must be the loudest.
struct Loudness {
    @Test func `an undo that failed is the first thing in every format`() throws {
        var run = SampleRun.held
        run.undoFails = true
        let report = run.report
        for (format, head) in [("html", "<h1>"), ("markdown", "\n"), ("text", "\n")] {
            let bytes = try #require(ReportFormats.named(format)).render(report)
            let text = String(decoding: bytes, as: UTF8.self)
            let body = text.components(of: "<body>").last ?? text
            let first = body.components(of: head)[0].lowercased()
            #expect(first.contains("undo incomplete"), "\(format): \(first)")
            #expect(body.contains("chaos recover"), "\(format)")
        }
    }
}
