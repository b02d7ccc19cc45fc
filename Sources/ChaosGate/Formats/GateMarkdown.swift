internal import ChaosVerdict

extension GateJudgement {
    /// The summary of a CI step or a pull request.
    package var markdown: String {
        var lines = [
            "## \(passes ? "✓" : "✕") \(line)", "",
            "| | experiment | outcome | what it found | time |", "|---|---|---|---|---|",
        ]
        for result in results {
            let tries = result.attempts > 1 ? " after \(result.attempts) runs" : ""
            lines.append(
                "| \(result.outcome.symbol) | `\(result.entry.name)` | "
                    + "\(result.outcome.rawValue)\(tries) | \(Self.cell(result.sentence)) | "
                    + "\(result.attempts == 0 ? "–" : NumberText.seconds(result.seconds)) |"
            )
        }
        lines.append("")
        let regressions = results.flatMap { result in
            result.regressions.map { "- `\(result.entry.name)`: \(Self.cell($0.text))" }
        }
        if !regressions.isEmpty {
            lines += ["Worse than the baseline:", ""] + regressions + [""]
        }
        lines += ["Resilience score \(score.arithmetic)", ""]
        let reasons = score.parts.filter { !$0.reason.isEmpty }
        lines += reasons.map { "- `\($0.name)`: \(Self.cell($0.reason))" }
        if !reasons.isEmpty { lines.append("") }
        let open = failures.filter { $0.attempts > 0 }
        if !open.isEmpty {
            lines += ["See it again:", "", "```sh"] + open.map(\.replay) + ["```", ""]
        }
        return lines.joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "|": result += "\\|"
            case "<": result += "&lt;"
            case "\n", "\r\n": result += " "
            default: result.append(character)
            }
        }
        return result
    }
}
