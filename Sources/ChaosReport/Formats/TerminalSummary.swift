internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// The verdict block that ends a run in a terminal: the sentence and the evidence, ≤ 100 columns.
package enum TerminalSummary {
    /// Columns.
    package static let width = 100
    /// Lines of evidence beside the sentence.
    static let evidenceMax = 12
    private static let labelWidth = 12

    /// Renders text that ends with a line feed; `color` adds ANSI sequences for the outcome only.
    package static func render(_ report: Report, color: Bool = false) -> String {
        let verdict = report.verdict
        let word = "\(verdict.headline.symbol) \(verdict.headline.word.uppercased())"
        var lines = [painted(word, verdict, color) + "  \(oneLine(verdict.run.title))"]
        lines[0] = lines[0].count > width + 12 ? painted(word, verdict, color) : lines[0]
        lines += wrapped(verdict.sentence, indent: 2, first: 2)
        lines.append("")
        for (label, text) in evidence(report).prefix(evidenceMax) {
            let title = "  " + label + String(repeating: " ", count: labelWidth - label.count)
            let body = wrapped(text, indent: labelWidth + 2, first: labelWidth + 2)
            lines.append(title + body[0].dropFirst(labelWidth + 2))
            lines += body.dropFirst().prefix(2)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func evidence(_ report: Report) -> [(label: String, text: String)] {
        let verdict = report.verdict
        let narrative = Narrative(report)
        var lines = narrative.done.prefix(3).map { ("fault", $0.trimmingPeriod) }
        lines += narrative.felt.prefix(3).map { ("customers", $0.trimmingPeriod) }
        lines += hypothesis(verdict.hypothesis)
        if let measured = verdict.recovery?.measured {
            lines.append(("recovery", "within \(NumberText.seconds(measured)) of the undo"))
        }
        lines += invariants(report)
        let open = verdict.reasons.filter { reason in
            reason.effect != .deviates && !verdict.sentence.hasPrefix(reason.text.trimmingPeriod)
        }
        lines += open.prefix(2).map { ("open", $0.text.trimmingPeriod) }
        if !report.problems.isEmpty {
            let count = NumberText.count(report.problems.count, "problem")
            lines.append(("journal", "\(count): \(report.problems[0].message.trimmingPeriod)"))
        }
        lines = Array(lines.prefix(evidenceMax - 1))
        lines.append(("replay", Replay.line(verdict.run)))
        return lines
    }

    private static func hypothesis(_ table: HypothesisTable) -> [(String, String)] {
        let judged = table.rows.filter { $0.met != nil }
        guard !judged.isEmpty else { return [] }
        let met = judged.count { $0.met == true }
        var lines = [("hypothesis", "\(met) of \(judged.count) probes within tolerance")]
        for row in judged where row.met == false {
            let cell = row.cells.first { $0.isJudged && $0.met == false }
            let value = cell.map { NumberText.value($0.observed, unit: row.unit) } ?? "–"
            let phase = cell.map { " (\($0.phase.rawValue))" } ?? ""
            let tolerance = row.tolerance.isEmpty ? "" : ", tolerated is \(row.tolerance)"
            lines.append(("", "✕ \(row.name): \(value)\(phase)\(tolerance)"))
        }
        return Array(lines.prefix(4))
    }

    private static func invariants(_ report: Report) -> [(String, String)] {
        let rows = report.verdict.invariants
        guard !rows.isEmpty else { return [] }
        let held = rows.count { $0.holds == true && !$0.isVacuous }
        var lines = [("invariants", "\(held) of \(rows.count) hold")]
        for row in rows where row.holds == false {
            let count = NumberText.count(row.violations, "violation")
            lines.append(("", "✕ \(row.name): \(count)"))
            if let witness = row.witnesses.first { lines.append(("", Self.witness(witness))) }
        }
        return Array(lines.prefix(5))
    }

    /// `order 9f31…: charged 2 times (ch_1, ch_2)`.
    private static func witness(_ witness: JSONObject) -> String {
        let subject =
            witness["order"]?.stringValue.map { "order \($0)" }
            ?? witness["sku"]?.stringValue.map { "article \($0)" } ?? "witness"
        let reason = witness["reason"]?.stringValue.map { ": \($0)" } ?? ""
        let charges = witness["charges"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let list = charges.isEmpty ? "" : " (\(charges.prefix(3).joined(separator: ", ")))"
        return "  \(subject)\(reason)\(list)"
    }

    private static func painted(_ word: String, _ verdict: Verdict, _ color: Bool) -> String {
        guard color else { return word }
        let code =
            switch verdict.outcome {
            case _ where verdict.exitStatus == 4: "31"
            case .held: "32"
            case .deviated: "31"
            case .inconclusive: "33"
            }
        return "\u{1b}[1;\(code)m\(word)\u{1b}[0m"
    }

    /// Breaks at spaces; a longer word is broken where the line ends.
    static func wrapped(_ text: String, indent: Int, first: Int) -> [String] {
        var lines: [String] = []
        var line = String(repeating: " ", count: first)
        var isEmpty = true
        for word in oneLine(text).split(separator: " ") {
            var word = word
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            while line.count + word.count > width {
                let room = Swift.max(1, width - line.count)
                lines.append(line + word.prefix(room))
                word = word.dropFirst(room)
                line = String(repeating: " ", count: indent)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }

    /// Without line feeds and control characters, which a terminal would obey.
    static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control ? " " : scalar
                }
            )
        )
    }
}
