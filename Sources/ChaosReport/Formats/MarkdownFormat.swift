package import ChaosJournal
internal import ChaosModel
package import ChaosVerdict
internal import JSON

extension ReportFormat {
    /// A short summary for a pull request.
    package static let markdown = ReportFormat(
        name: "markdown",
        summary: "A short summary for a pull request.",
        fileExtension: "md",
        mediaType: "text/markdown; charset=utf-8",
        render: MarkdownFormat.render
    )
}

/// The summary for a pull request: sentence, four tables, the command that repeats the run.
package enum MarkdownFormat {
    package static func render(
        _ events: [JournalEvent],
        _ verdict: Verdict,
        _ problems: [JournalProblem] = []
    ) -> [UInt8] {
        render(Report(events: events, verdict: verdict, problems: problems))
    }

    package static func render(_ report: Report) -> [UInt8] {
        let verdict = report.verdict
        let headline = verdict.headline
        var lines = [
            "### \(headline.symbol) \(headline.word): \(escaped(verdict.run.title))",
            "",
            "**\(escaped(verdict.sentence))**",
            "",
        ]
        lines += hypothesis(verdict.hypothesis)
        lines += faults(verdict.faults)
        lines += load(verdict.load)
        lines += invariants(report)
        let open = Narrative(report).open.filter { $0 != "Nothing." && $0 != verdict.sentence }
        if !open.isEmpty {
            lines += ["Open:", ""] + open.prefix(8).map { "- \(escaped($0))" } + [""]
        }
        lines += ["```sh", Replay.line(verdict.run), "```", ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    private static func hypothesis(_ table: HypothesisTable) -> [String] {
        let phases = ProbePhase.allCases.filter { phase in
            table.rows.contains { $0.cell(phase) != nil }
        }
        guard !table.rows.isEmpty, !phases.isEmpty else { return [] }
        let titles = ["Probe", "Tolerance"] + phases.map { $0.rawValue.capitalizedFirst } + [""]
        let rows = table.rows.map { row in
            let cells = phases.map { phase in
                row.cell(phase).map { cell in
                    let value = NumberText.value(cell.observed, unit: row.unit)
                    return cell.isJudged ? "\(Mark.symbol(cell.met)) \(value)" : "(\(value))"
                } ?? "–"
            }
            return [row.name, row.tolerance] + cells + [Mark.symbol(row.met)]
        }
        return self.table(titles, rows)
    }

    private static func faults(_ faults: [FaultRow]) -> [String] {
        guard !faults.isEmpty else { return ["No fault was injected.", ""] }
        let rows = faults.map { fault in
            let unit = fault.unit.isEmpty ? "hits" : fault.unit
            let hits = fault.hits.map { "\(NumberText.integer($0)) \(unit)" } ?? "–"
            let span = fault.injectedAt.map { start in
                fault.undoneAt.map { NumberText.seconds($0 - start) } ?? "no end on record"
            }
            return [
                fault.function, fault.target, span ?? "–", hits, Narrative.undo(fault.undo),
            ]
        }
        return table(["Fault", "Target", "For", "Effect", "Undo"], rows)
    }

    private static func load(_ load: [LoadSummary]) -> [String] {
        let rows = load.filter { $0.window != .total }.map { row in
            [
                "\(row.operation), \(row.window.rawValue)",
                NumberText.integer(row.planned),
                row.availability.map(NumberText.percent) ?? "–",
                NumberText.integer(row.fail),
                NumberText.integer(row.info + row.pending),
                row.p50.map(NumberText.milliseconds) ?? "–",
                row.p99.map(NumberText.milliseconds) ?? "–",
            ]
        }
        guard !rows.isEmpty else { return [] }
        let titles = ["Customers", "Planned", "Succeeded", "Failed", "Unknown", "p50", "p99"]
        return table(titles, rows)
    }

    private static func invariants(_ report: Report) -> [String] {
        let rows = report.verdict.invariants
        guard !rows.isEmpty else { return [] }
        let held = rows.count { $0.holds == true && !$0.isVacuous }
        var lines = ["\(held) of \(rows.count) invariants hold.", ""]
        let facts = ReportFacts(report)
        for row in rows where row.holds != true && !row.isVacuous {
            let count = NumberText.count(row.violations, "violation")
            let what = row.holds == nil ? "not observed" : count
            lines.append("- \(Mark.symbol(row.holds)) \(escaped(row.statement)) \(what)")
            for witness in row.witnesses.prefix(5) {
                let story = WitnessStory(witness, facts)
                let charges = story.moments.filter { $0.kind == .charge }.map(\.text)
                let told = [story.reason] + charges
                let text = told.filter { !$0.isEmpty }.joined(separator: "; ")
                lines.append("  - \(escaped("\(story.subject): \(text)"))")
            }
            if row.violations > 5 {
                lines.append("  - … and \(NumberText.integer(row.violations - 5)) more")
            }
        }
        return held == rows.count ? lines : lines + [""]
    }

    private static func table(_ titles: [String], _ rows: [[String]]) -> [String] {
        let head = "| " + titles.joined(separator: " | ") + " |"
        let rule = "|" + titles.map { _ in "---|" }.joined()
        let body = rows.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
        return [head, rule] + body + [""]
    }

    /// Keeps text from being read as markup or as the end of a table's cell.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\", "`", "*", "_", "|", "[", "]", "#", "~":
                result += "\\" + String(character)
            case "<": result += "&lt;"
            case "&": result += "&amp;"
            default: result += character.isNewline ? " " : String(character)
            }
        }
        return result
    }
}
