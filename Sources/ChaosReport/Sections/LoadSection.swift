internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict
internal import JSON

/// What customers felt: the figures by window, and the charts by operation.
struct LoadSection {
    let facts: ReportFacts

    private var rows: [LoadSummary] { facts.verdict.load }

    func write(into page: inout Markup) {
        page.element("section", ["id": "customers"]) { section in
            section.element("h2", text: "Customers")
            guard !rows.isEmpty || !facts.load.isEmpty else {
                section.element("p", text: "No load ran during the experiment.")
                return
            }
            if !rows.isEmpty { writeTable(into: &section) }
            writeObserver(into: &section)
            for (index, load) in facts.load.enumerated() {
                writeCharts(load.operation, index, into: &section)
            }
        }
        page.breakLine()
    }

    private func writeTable(into section: inout Markup) {
        section.element("table", ["class": "stack compact"]) { table in
            let caption =
                "Operations by when they were planned. Latency counts from the planned start; "
                + "“unknown” means that the client never learned the outcome."
            table.element("caption", text: caption)
            table.element("thead") { head in
                head.element("tr") { row in
                    let titles = [
                        "Operation", "Planned", "Succeeded", "Failed", "Unknown", "p50", "p99",
                        "Slowest",
                    ]
                    TableHead.write(titles, numbersFrom: 1, into: &row)
                }
            }
            table.element("tbody") { body in
                for row in rows { write(row, into: &body) }
            }
        }
        section.breakLine()
    }

    private func write(_ row: LoadSummary, into body: inout Markup) {
        let window =
            switch row.window {
            case .before: "before the fault"
            case .during: "with the fault"
            case .after: "after the undo"
            case .total: "whole run"
            }
        let share = row.availability.map { " (\(NumberText.percent($0)))" } ?? ""
        let latency = { (value: Double?) in value.map(NumberText.milliseconds) ?? "–" }
        let cells = [
            ("Planned", NumberText.integer(row.planned)),
            ("Succeeded", NumberText.integer(row.ok) + share),
            ("Failed", NumberText.integer(row.fail)),
            ("Unknown", NumberText.integer(row.info + row.pending)),
            ("p50", latency(row.p50)), ("p99", latency(row.p99)), ("Slowest", latency(row.max)),
        ]
        body.element("tr", ["class": row.window.rawValue]) { line in
            line.element("th", ["scope": "row"]) { cell in
                cell.write("\(row.operation), \(window)")
            }
            for (label, text) in cells {
                line.element("td", ["class": "number", "data-label": label]) { cell in
                    cell.element("span", text: text)
                }
            }
        }
    }

    private func writeObserver(into section: inout Markup) {
        let observer = facts.verdict.observer
        guard observer.seconds > 0 else { return }
        let worst = NumberText.milliseconds(observer.lagWorst)
        let text =
            "The load generator kept its timetable to \(worst) in its worst second (p99)"
            + (observer.isBlind ? ", too late to trust its latencies." : ".")
        section.element("p", text: text)
    }

    private func writeCharts(_ operation: String, _ index: Int, into section: inout Markup) {
        section.element("figure") { figure in
            figure.element("h3", text: operation.capitalizedFirst)
            let seconds = facts.load[index].seconds
            for canvas in Canvas.allCases {
                let chart = LoadChart(
                    frame: TimeFrame(facts, canvas),
                    series: LoadSeries(
                        operation: operation,
                        seconds,
                        bucketsMax: canvas.bucketsMax
                    ),
                    thresholds: thresholds(operation)
                )
                chart.draw(into: &figure, id: "load\(index)")
            }
            figure.element("figcaption", ["class": "legend"]) { legend in
                let keys = [
                    ("p50", "p50"), ("p99", "p99"), ("ok", "succeeded"), ("planned", "planned"),
                    ("fail", "failed"), ("info", "unknown"), ("shade", "a fault is in effect"),
                ]
                for (style, words) in keys { LegendKey.write(style, words, into: &legend) }
            }
        }
        section.breakLine()
    }

    /// The upper bounds that the hypothesis sets on this operation's latency.
    private func thresholds(_ operation: String) -> [(milliseconds: Double, text: String)] {
        let document = facts.started?.experiment["steady-state-hypothesis"]
        let probes = document?["probes"]?.arrayValue ?? []
        return probes.compactMap { probe in
            let provider = probe["provider"]
            guard provider?["type"] == "metric", provider?["func"] == "latency",
                provider?["arguments"]?["operation"]?.stringValue == operation,
                let text = probe["tolerance"]?["at-most"]?.stringValue,
                let limit = try? Duration(parsing: text)
            else { return nil }
            let name = probe["name"]?.stringValue ?? "latency"
            return (limit / .milliseconds(1), "\(name) at most \(text)")
        }
    }
}
