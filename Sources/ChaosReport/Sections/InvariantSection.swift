internal import ChaosVerdict

/// The invariants, and the story of each witness of a violation.
struct InvariantSection {
    let facts: ReportFacts

    /// Stories that are told openly, for each invariant; the others fold.
    static let storiesOpen = 3
    /// Stories that are told at all, for each invariant.
    static let storiesMax = 20
    /// More rows that hold than this fold: what follows them is not pushed off the screen.
    static let heldOpen = 8

    private var rows: [InvariantRow] { facts.verdict.invariants }

    func write(into page: inout Markup) {
        page.element("section", ["id": "invariants"]) { section in
            section.element("h2", text: "Invariants")
            guard !rows.isEmpty else {
                section.element("p", text: "No invariant was checked.")
                return
            }
            writeTables(into: &section)
            for row in rows where row.holds == false { writeWitnesses(row, into: &section) }
        }
        page.breakLine()
    }

    /// What is broken or unknown stands open; many rows that hold fold behind their number.
    private func writeTables(into section: inout Markup) {
        let held = rows.filter { $0.holds == true && !$0.isVacuous }
        guard held.count > Self.heldOpen else { return write(rows, into: &section) }
        let others = rows.filter { $0.holds != true || $0.isVacuous }
        if !others.isEmpty { write(others, into: &section) }
        section.element("details") { details in
            let checked = NumberText.integer(held.map(\.checked).max() ?? 0)
            let title = "\(held.count) invariants hold, over up to \(checked) records each"
            details.element("summary", text: title)
            write(held, into: &details)
        }
        section.breakLine()
    }

    private func write(_ rows: [InvariantRow], into section: inout Markup) {
        section.element("table", ["class": "stack compact"]) { table in
            let caption =
                "What must be true of the data. With no violation among n records, the true share "
                + "of violations is below 3 ÷ n (95 % confidence)."
            table.element("caption", text: caption)
            table.element("thead") { head in
                head.element("tr") { row in
                    let titles = ["Invariant", "Result", "Checked", "Violations", "Below"]
                    TableHead.write(titles, numbersFrom: 2, into: &row)
                }
            }
            table.element("tbody") { body in
                for row in rows { write(row, into: &body) }
            }
        }
        section.breakLine()
    }

    private func write(_ row: InvariantRow, into body: inout Markup) {
        body.element("tr") { line in
            line.element("th", ["scope": "row"]) { cell in
                cell.write(row.statement)
                cell.element("small", text: row.name)
            }
            line.element("td", ["data-label": "Result"]) { cell in
                let holds = row.isVacuous ? nil : row.holds
                let missing = row.isVacuous ? "untested" : "not observed"
                let word = holds.map { $0 ? "holds" : "broken" } ?? missing
                cell.element(
                    "strong",
                    ["class": "mark \(Mark.style(holds))"],
                    text: "\(Mark.symbol(holds)) \(word)"
                )
                if let error = row.error { cell.element("small", text: Redaction.text(error)) }
            }
            let counts = [
                ("Checked", NumberText.integer(row.checked)),
                ("Violations", NumberText.integer(row.violations)),
                ("Below", bound(row)),
            ]
            for (label, text) in counts {
                line.element("td", ["class": "number", "data-label": label]) { cell in
                    cell.element("span", text: text)
                }
            }
        }
    }

    /// The rule of three: the bound that a clean sample puts on the rate.
    private func bound(_ row: InvariantRow) -> String {
        guard row.holds == true, row.checked > 3 else { return "–" }
        return NumberText.percent(3 / Double(row.checked))
    }

    private func writeWitnesses(_ row: InvariantRow, into section: inout Markup) {
        section.element("h3", text: row.statement.trimmingPeriod + ": broken")
        let count = NumberText.count(row.violations, "violation")
        var text = "\(count) among \(NumberText.integer(row.checked)) checked"
        if let first = row.firstViolatedAt { text += ", first seen at \(RunTime.point(first))" }
        if row.witnesses.count < row.violations {
            text += "; the journal keeps \(NumberText.integer(row.witnesses.count)) of them"
        }
        section.element("p", text: text + ".")
        let stories = row.witnesses.prefix(Self.storiesMax).map { WitnessStory($0, facts) }
        for (index, story) in stories.prefix(Self.storiesOpen).enumerated() {
            let id = "story-\(rows.firstIndex(of: row) ?? 0)-\(index)"
            write(story, diagram: id, into: &section)
        }
        let rest = stories.dropFirst(Self.storiesOpen)
        guard !rest.isEmpty else { return }
        section.element("details") { details in
            details.element("summary", text: "\(rest.count) more")
            for story in rest { write(story, diagram: nil, into: &details) }
            if row.witnesses.count > Self.storiesMax {
                let left = NumberText.integer(row.witnesses.count - Self.storiesMax)
                details.element("p", text: "… and \(left) more in the journal.")
            }
        }
    }

    /// A story; with a name for its diagram, as a drawing too.
    private func write(_ story: WitnessStory, diagram: String?, into section: inout Markup) {
        section.element("article", ["class": "story"]) { article in
            article.element("h4") { title in
                title.write(story.subject)
                if !story.reason.isEmpty { title.element("span", text: story.reason) }
            }
            if !story.moments.isEmpty {
                if let diagram {
                    for canvas in Canvas.allCases {
                        let chart = SequenceChart(story: story, canvas: canvas)
                        chart.draw(into: &article, id: diagram)
                    }
                }
                writeMoments(of: story, into: &article)
            }
            article.element("dl") { list in
                for detail in story.details {
                    list.element("dt", text: detail.name)
                    list.element("dd", text: detail.value)
                }
            }
        }
        section.breakLine()
    }

    private func writeMoments(of story: WitnessStory, into article: inout Markup) {
        article.element("ol", ["class": "moments"]) { list in
            for moment in story.moments {
                list.element("li", ["class": moment.kind.rawValue]) { item in
                    RunTime.write(moment.elapsed, into: &item)
                    item.prose("span", moment.text)
                }
            }
        }
    }
}
