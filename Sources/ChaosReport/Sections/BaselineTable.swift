internal import ChaosStatistics
internal import ChaosVerdict

/// Whether the load behaved otherwise than in the baseline of the same run, or only seemed to.
struct BaselineTable {
    let rows: [LoadSummary]

    /// Differences with a smaller p-value are called real.
    static let level = 0.01

    func write(into section: inout Markup) {
        let compared = rows.filter { $0.againstBaseline != nil }
        guard !compared.isEmpty else { return }
        section.element("table", ["class": "stack compact"]) { table in
            let caption =
                "Compared with the baseline of the same run. “Slower” is the share of pairs in "
                + "which the later call took longer (50 %: no difference); the p-value is that of "
                + "the Mann–Whitney test, which sees a shift of the whole and not a long tail: for "
                + "that, compare p99 above. Success with its 95 % interval (Wilson)."
            table.element("caption", text: caption)
            table.element("thead") { head in
                head.element("tr") { row in
                    let titles = [
                        "Operation", "Difference", "Median", "Slower", "p-value", "Success",
                    ]
                    TableHead.write(titles, numbersFrom: 2, into: &row)
                }
            }
            table.element("tbody") { body in
                for row in compared { write(row, into: &body) }
            }
        }
        section.breakLine()
    }

    private func write(_ row: LoadSummary, into body: inout Markup) {
        guard let test = row.againstBaseline else { return }
        let before = rows.first { $0.operation == row.operation && $0.window == .before }
        let median = { (value: Double?) in value.map(NumberText.milliseconds) ?? "–" }
        let cells = [
            ("Difference", Self.words(test)),
            ("Median", "\(median(before?.p50)) → \(median(row.p50))"),
            ("Slower", NumberText.percent(test.superiority)),
            ("p-value", Self.text(pValue: test.pValue)),
            ("Success", Self.text(row)),
        ]
        body.element("tr") { line in
            line.element("th", ["scope": "row"], text: "\(row.operation), \(row.window.words)")
            for (index, cell) in cells.enumerated() {
                let style = index == 0 ? "" : "number"
                line.element("td", ["class": style, "data-label": cell.0]) { element in
                    element.element("span", text: cell.1)
                }
            }
        }
    }

    private static func words(_ test: RankTest) -> String {
        guard test.pValue < level else { return "no shift seen" }
        return test.superiority > 0.5 ? "slower" : "faster"
    }

    static func text(pValue: Double) -> String {
        pValue < 0.001 ? "< 0.001" : NumberText.decimal(pValue, places: 3)
    }

    private static func text(_ row: LoadSummary) -> String {
        guard let interval = row.availabilityInterval else { return "–" }
        return "\(NumberText.percent(interval.lower)) to \(NumberText.percent(interval.upper))"
    }
}

extension LoadSummary.Window {
    /// The window as the tables name it.
    var words: String {
        switch self {
        case .before: "before the fault"
        case .during: "with the fault"
        case .after: "after the undo"
        case .total: "whole run"
        }
    }
}
