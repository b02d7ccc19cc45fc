internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// Two compared runs as text for a terminal, as Markdown and as JSON.
package struct ComparisonText {
    private let comparison: RunComparison

    package init(_ comparison: RunComparison) {
        self.comparison = comparison
    }

    private static let titles = ["figure", "first", "second", "difference", ""]

    private var rows: [[String]] {
        comparison.figures.map { figure in
            [
                figure.name, figure.first, figure.second, figure.difference,
                Self.words(figure.judgement),
            ]
        }
    }

    private static func words(_ judgement: RunComparison.Judgement) -> String {
        switch judgement {
        case .same: "same"
        case .better: "✓ better"
        case .worse: "✕ worse"
        case .chance: "may be chance"
        case .unknown: "not compared"
        }
    }

    private var faults: [[String]] {
        let none = "not injected"
        return comparison.faults.map { [$0.name, $0.first ?? none, $0.second ?? none] }
    }

    private static let note =
        "Medians differ when the p-value of the Mann–Whitney test is below 0.01; p99 and shares of "
        + "success when their 95 % intervals do not meet (p99 takes 368 calls)."

    /// Columns set with spaces.
    package var text: String {
        var text = Self.headline("first ", comparison.first)
        text += Self.headline("second", comparison.second) + "\n"
        text += Columns.text([Self.titles] + rows) + "\n"
        if !faults.isEmpty { text += Columns.text([["fault", "first", "second"]] + faults) + "\n" }
        return text + Self.note + "\n"
    }

    private static func headline(_ name: String, _ verdict: Verdict) -> String {
        let (symbol, word) = verdict.headline
        let when = verdict.run.startedAt.map(Clock.text) ?? "at an unknown time"
        let title = TerminalSummary.oneLine(verdict.run.title)
        return "\(name)  \(symbol) \(word)  \(title), \(when), seed \(verdict.run.seed)\n"
    }

    /// Two tables, as a pull request shows them.
    package var markdown: String {
        var text = "### Two runs compared\n\n"
        text += Self.table(
            ["", "outcome", "experiment", "started", "seed"],
            [("first", comparison.first), ("second", comparison.second)].map { name, verdict in
                [
                    name, "\(verdict.headline.symbol) \(verdict.headline.word)", verdict.run.title,
                    verdict.run.startedAt.map(Clock.text) ?? "–", String(verdict.run.seed),
                ]
            }
        )
        text += "\n" + Self.table(Self.titles, rows)
        if !faults.isEmpty { text += "\n" + Self.table(["fault", "first", "second"], faults) }
        return text + "\n" + Self.note + "\n"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let line = { (cells: [String]) in
            "| " + cells.map(MarkdownFormat.escaped).joined(separator: " | ") + " |\n"
        }
        let rule = "|" + String(repeating: " --- |", count: head.count) + "\n"
        return line(head) + rule + rows.map(line).joined()
    }

    /// One document for machines.
    package var json: String {
        let document: JSONValue = [
            "first": Self.run(comparison.first), "second": Self.run(comparison.second),
            "worse": .bool(comparison.isWorse),
            "figures": .array(
                comparison.figures.map { figure in
                    [
                        "name": .string(figure.name), "first": .string(figure.first),
                        "second": .string(figure.second), "difference": .string(figure.difference),
                        "judgement": .string(figure.judgement.rawValue),
                        "p_value": figure.pValue.map { .number($0) } ?? .null,
                    ]
                }
            ),
            "faults": .array(
                comparison.faults.map { fault in
                    [
                        "name": .string(fault.name),
                        "first": fault.first.map { .string($0) } ?? .null,
                        "second": fault.second.map { .string($0) } ?? .null,
                    ]
                }
            ),
        ]
        return document.serialized(pretty: true) + "\n"
    }

    private static func run(_ verdict: Verdict) -> JSONValue {
        [
            "id": .string(verdict.run.runID), "title": .string(verdict.run.title),
            "outcome": .string(verdict.outcome.rawValue),
            "exit_status": .integer(Int64(verdict.exitStatus)),
            "seed": .string(String(verdict.run.seed)),
            "started_at": verdict.run.startedAt.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}
