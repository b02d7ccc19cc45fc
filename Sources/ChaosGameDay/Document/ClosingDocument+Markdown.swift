extension ClosingDocument {
    /// The document as Markdown, for a wiki or a pull request.
    package var markdown: [UInt8] {
        var lines = ["# \(Self.line(day.plan.title))", "", "**\(Self.line(sentence))**", ""]
        lines += [Self.line(day.plan.description), ""]
        lines += facts + summary + checks
        for round in rounds { lines += section(round) }
        lines += ["## To do", ""]
        lines +=
            actions.isEmpty
            ? ["Nothing."] : actions.map { "- [ ] \(Self.line($0.text)) — \(Self.line($0.by))" }
        lines += ["", "## Everything that was said and done", ""]
        lines += day.log.map { "- `\(Self.clock($0.at))` \(Self.line($0.text))" }
        lines += ["", "Evidence: [journal of the GameDay](journal.jsonl).", ""]
        return Array(lines.joined(separator: "\n").utf8)
    }

    private var facts: [String] {
        var lines = ["- Held: \(Self.time(day.openedAt)), \(duration)"]
        lines += day.plan.roles.map { "- \(Self.line($0.role)): \(Self.line($0.person))" }
        if day.interruptions > 0 { lines.append("- Restarts of the program: \(day.interruptions)") }
        return lines + [""]
    }

    private var summary: [String] {
        var lines = [
            "| round | outcome | noticed by people | noticed by probes | recovered | evidence |",
            "|---|---|---|---|---|---|",
        ]
        for round in rounds {
            let cells = [
                "\(round.number). \(Self.cell(round.plan.title))",
                round.state.outcome.map { "\($0.sign) \($0.words)" } ?? "not run",
                GameDayWords.seconds(round.detectedByPeople),
                GameDayWords.seconds(round.detectedByProbes),
                GameDayWords.seconds(round.recovery),
                Self.links(round),
            ]
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines + [""]
    }

    private static func links(_ round: Round) -> String {
        let places = round.state.attempts.compactMap { $0.result?.evidence }
        guard !places.isEmpty else { return "—" }
        return places.map { "[report](\($0)/report.html) [journal](\($0)/journal.jsonl)" }
            .joined(separator: ", ")
    }

    private var checks: [String] {
        guard !day.checks.isEmpty else { return [] }
        var lines = ["## Go or no-go", ""]
        for check in day.checks {
            let mark = check.met.map { $0 ? "✓" : "✗" } ?? "○"
            let text = check.text.isEmpty ? "" : ": \(Self.line(check.text))"
            let by = check.by.map { " (\(Self.line($0)))" } ?? ""
            lines.append("- \(mark) \(Self.line(check.question ?? check.name))\(text)\(by)")
        }
        if let place = day.checkEvidence { lines.append("- [evidence](\(place)/report.html)") }
        return lines + [""]
    }

    private func section(_ round: Round) -> [String] {
        var lines = ["## Round \(round.number): \(Self.line(round.plan.title))", ""]
        if let text = round.plan.hypothesis { lines += ["Hypothesis: \(Self.line(text))", ""] }
        lines += ["### Predicted", ""]
        lines += Self.list(round.state.predictions.map { "\($0.by): \($0.text)" })
        lines += ["### What happened", ""]
        if let result = round.result, let outcome = round.state.outcome {
            lines += ["**\(outcome.words)** — \(Self.line(result.sentence))", ""]
            lines += (result.faults + result.figures).map { "- \(Self.line($0))" }
        } else {
            lines.append(round.state.skippedBy.map { "Skipped by \(Self.line($0))." } ?? "Not run.")
        }
        lines += round.observations.map {
            "- `\(Self.clock($0.at))` \(Self.line($0.by)): \(Self.line($0.text))"
        }
        lines += ["", "### Surprises", ""] + Self.list(round.surprises)
        return lines
    }

    private static func list(_ texts: [String]) -> [String] {
        (texts.isEmpty ? ["None."] : texts.map { "- \(line($0))" }) + [""]
    }

    /// One line in which nothing has a meaning for Markdown or HTML.
    private static func line(_ text: String) -> String {
        var result = ""
        for character in text.trimmed {
            switch character {
            case "\\", "`", "*", "_", "[", "]", "#", "|": result += "\\\(character)"
            case "<": result += "&lt;"
            case "&": result += "&amp;"
            default: result.append(character)
            }
        }
        return result
    }

    private static func cell(_ text: String) -> String { line(text) }
}
