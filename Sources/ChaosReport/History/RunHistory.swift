internal import ChaosModel
package import ChaosVerdict
internal import JSON

/// The runs of a directory, experiment by experiment, the oldest first: what became of each
/// promise over time.
package struct RunHistory: Sendable {
    package struct Entry: Sendable {
        /// Where the run lies.
        package var directory: String
        package var verdict: Verdict

        package init(directory: String, verdict: Verdict) {
            self.directory = directory
            self.verdict = verdict
        }
    }

    /// The runs of one experiment.
    package struct Series: Sendable {
        package var title: String
        /// The oldest first.
        package var runs: [Entry]
    }

    /// In the order of their names.
    package let series: [Series]

    package init(_ entries: [Entry]) {
        var groups: [String: [Entry]] = [:]
        for entry in entries { groups[entry.verdict.run.title, default: []].append(entry) }
        series = groups.map { title, runs in
            Series(
                title: title,
                runs: runs.sorted {
                    ($0.verdict.run.startedAt?.microseconds ?? 0, $0.directory)
                        < ($1.verdict.run.startedAt?.microseconds ?? 0, $1.directory)
                }
            )
        }.sorted { $0.title < $1.title }
    }

    package var count: Int { series.reduce(0) { $0 + $1.runs.count } }

    /// What history tells of one run: the operation of most calls, while the fault was in effect.
    private struct Figures {
        var operation: String?
        var p99: Double?
        var success: Double?
        var recovery: Double?

        init(_ verdict: Verdict) {
            let during = verdict.load.filter { $0.window == .during }
            // Of operations that are called equally often, the last: the customer's whole errand.
            let row = during.last { row in
                row.planned == during.map(\.planned).max()
            }
            operation = row?.operation
            p99 = row?.p99
            success = row?.availability
            recovery = verdict.recovery?.measured
        }
    }

    /// Tables for a terminal, at most `limit` runs of each experiment, the newest last.
    package func text(limit: Int) -> String {
        guard !series.isEmpty else { return "No run was found.\n" }
        return series.map { Self.text($0, limit: limit) }.joined(separator: "\n")
    }

    private static func text(_ series: Series, limit: Int) -> String {
        let shown = series.runs.suffix(limit)
        var text = TerminalSummary.oneLine(series.title) + "\n"
        let rows = shown.map { entry -> [String] in
            let verdict = entry.verdict
            let figures = Figures(verdict)
            let broken = verdict.invariants.count { $0.holds == false }
            return [
                "  " + (verdict.run.startedAt.map(Clock.text) ?? "–"),
                "\(verdict.headline.symbol) \(verdict.headline.word)",
                figures.p99.map(NumberText.milliseconds) ?? "–",
                figures.success.map(NumberText.percent) ?? "–",
                figures.recovery.map(NumberText.seconds) ?? "–",
                verdict.invariants.isEmpty ? "–" : "\(broken) of \(verdict.invariants.count)",
                entry.directory,
            ]
        }
        let titles = ["  started", "outcome", "p99", "success", "recovery", "broken", "run"]
        text += Columns.text([titles] + rows)
        if series.runs.count > shown.count {
            let rest = NumberText.count(series.runs.count - shown.count, "older run")
            text += "  … and \(rest)\n"
        }
        return text + trends(Array(shown))
    }

    /// One line for each figure that at least two runs have, oldest to newest.
    private static func trends(_ runs: [Entry]) -> String {
        let figures = runs.map { Figures($0.verdict) }
        let marks = runs.map { $0.verdict.headline.symbol }.joined()
        var text = runs.count > 1 ? "  outcome   \(marks)\n" : ""
        let lines: [(String, [Double?], (Double) -> String)] = [
            ("p99", figures.map(\.p99), NumberText.milliseconds),
            ("success", figures.map(\.success), NumberText.percent),
            ("recovery", figures.map(\.recovery), NumberText.seconds),
        ]
        for (name, values, write) in lines {
            let known = values.compactMap { $0 }
            guard known.count > 1, let low = known.min(), let high = known.max() else { continue }
            let padding = String(repeating: " ", count: 10 - name.count)
            let range = "\(write(low)) to \(write(high))"
            text += "  \(name)\(padding)\(Sparkline.text(values))  \(range)\n"
        }
        return text
    }

    /// One document for machines.
    package var json: String {
        let document: JSONValue = [
            "experiments": .array(
                series.map { series in
                    [
                        "title": .string(series.title),
                        "runs": .array(series.runs.map(Self.json)),
                    ]
                }
            )
        ]
        return document.serialized(pretty: true) + "\n"
    }

    private static func json(_ entry: Entry) -> JSONValue {
        let verdict = entry.verdict
        let figures = Figures(verdict)
        let number = { (value: Double?) -> JSONValue in value.map { .number($0) } ?? .null }
        return [
            "directory": .string(entry.directory),
            "started_at": verdict.run.startedAt.map { .string($0.rfc3339) } ?? .null,
            "outcome": .string(verdict.outcome.rawValue),
            "exit_status": .integer(Int64(verdict.exitStatus)),
            "seed": .string(String(verdict.run.seed)),
            "operation": figures.operation.map { .string($0) } ?? .null,
            "p99_ms": number(figures.p99), "success": number(figures.success),
            "recovery_s": number(figures.recovery),
            "invariants": .integer(Int64(verdict.invariants.count)),
            "invariants_broken": .integer(
                Int64(verdict.invariants.count { $0.holds == false })
            ),
        ]
    }
}

/// A row of values as a row of bars.
enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// One bar for each value, from the least to the greatest; a gap where there is none.
    static func text(_ values: [Double?]) -> String {
        let known = values.compactMap { $0 }
        guard let low = known.min(), let high = known.max() else { return "" }
        return String(
            values.map { value -> Character in
                guard let value else { return " " }
                guard high > low else { return bars[bars.count / 2] }
                let share = (value - low) / (high - low)
                return bars[Int((share * Double(bars.count - 1)).rounded())]
            }
        )
    }
}
