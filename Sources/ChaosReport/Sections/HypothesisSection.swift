internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// The hypothesis table: the observed value beside its tolerance, in each phase.
struct HypothesisSection {
    let facts: ReportFacts

    private var table: HypothesisTable { facts.verdict.hypothesis }
    private var phases: [ProbePhase] {
        ProbePhase.allCases.filter { phase in table.rows.contains { $0.cell(phase) != nil } }
    }

    func write(into page: inout Markup) {
        page.element("section", ["id": "hypothesis"]) { section in
            section.element("h2", text: "Hypothesis")
            guard !table.rows.isEmpty else {
                section.element("p", text: "The experiment has no hypothesis.")
                return
            }
            if !table.title.isEmpty {
                section.element("p", ["class": "lead"], text: "“\(table.title.trimmingPeriod)”")
            }
            let description = facts.verdict.run.description
            if !description.isEmpty { section.element("p", text: description) }
            writeTable(into: &section)
            writeRecovery(into: &section)
        }
        page.breakLine()
    }

    private func writeTable(into section: inout Markup) {
        section.element("table", ["class": "stack"]) { table in
            let caption = "\(self.table.strategy.explanation) Values that do not decide are grey."
            table.element("caption", text: caption)
            table.element("thead") { head in
                head.element("tr") { row in
                    let titles = phases.map { $0.rawValue.capitalizedFirst }
                    for title in ["Probe", "Tolerance"] + titles + ["Result"] {
                        row.element("th", ["scope": "col"], text: title)
                    }
                }
            }
            table.element("tbody") { body in
                for row in self.table.rows { write(row, into: &body) }
            }
        }
        section.breakLine()
    }

    private func write(_ row: HypothesisRow, into body: inout Markup) {
        body.element("tr") { line in
            line.element("th", ["scope": "row"], text: row.name)
            line.element("td", ["data-label": "Tolerance"]) { cell in
                cell.element("span", text: row.tolerance.isEmpty ? "–" : row.tolerance)
            }
            for phase in phases {
                line.element("td", ["data-label": phase.rawValue.capitalizedFirst]) { cell in
                    write(row.cell(phase), row, into: &cell)
                }
            }
            line.element("td", ["data-label": "Result"]) { cell in
                let word = row.met.map { $0 ? "met" : "not met" } ?? "not judged"
                cell.element(
                    "strong",
                    ["class": "mark \(Mark.style(row.met))"],
                    text: "\(Mark.symbol(row.met)) \(word)"
                )
            }
        }
    }

    private func write(_ cell: HypothesisCell?, _ row: HypothesisRow, into markup: inout Markup) {
        guard let cell else {
            markup.element("span", ["class": "none absent"], text: "–")
            return
        }
        let style = cell.isJudged ? Mark.style(cell.met) : "none"
        markup.element("span", ["class": "value \(style)"]) { span in
            span.element("i", ["class": "mark \(style)"], text: Mark.symbol(cell.met))
            let isUnread = cell.met == nil && cell.observed.isNull
            let value = isUnread ? "not judged" : NumberText.value(cell.observed, unit: row.unit)
            span.write(" \(value)")
            if let error = cell.error { span.element("small", text: Redaction.text(error)) }
            if let note = note(cell, row) { span.element("small", text: note) }
        }
    }

    private func note(_ cell: HypothesisCell, _ row: HypothesisRow) -> String? {
        guard cell.readings > 1 else { return nil }
        if row.isCumulative { return "last of \(NumberText.integer(cell.readings))" }
        return "\(NumberText.integer(cell.readingsMet)) of "
            + "\(NumberText.integer(cell.readings)) met"
    }

    private func writeRecovery(into section: inout Markup) {
        guard let recovery = facts.verdict.recovery else { return }
        let limit = recovery.limit.map { "\(NumberText.seconds($0)) allowed" }
        let text =
            switch (recovery.measured, limit) {
            case (let measured?, let limit?):
                "Recovery: the steady state was back within \(NumberText.seconds(measured)) of the "
                    + "last undo (\(limit))."
            case (let measured?, nil):
                "Recovery: every probe was within its tolerance from "
                    + "\(NumberText.seconds(measured)) after the last undo on."
            case (nil, let limit?):
                "Recovery: the steady state did not return after the last undo (\(limit))."
            case (nil, nil):
                "Recovery: not every probe was within its tolerance after the last undo."
            }
        section.element("p", text: text)
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
