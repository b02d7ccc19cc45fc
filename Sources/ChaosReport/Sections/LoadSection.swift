internal import ChaosVerdict

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
            BaselineTable(rows: rows).write(into: &section)
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
                cell.write("\(row.operation), \(row.window.words)")
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
        let charts = LoadCharts(facts: facts, index: index)
        section.element("h3", text: operation.capitalizedFirst)
        section.element("figure") { figure in
            for canvas in Canvas.allCases {
                charts.load(TimeFrame(facts, canvas)).draw(into: &figure, id: "load\(index)")
            }
            writeLegend(
                [
                    ("p50", "p50"), ("p99", "p99"), ("ok", "succeeded"), ("planned", "planned"),
                    ("fail", "failed"), ("info", "unknown"), ("shade", "a fault is in effect"),
                ],
                into: &figure
            )
        }
        section.breakLine()
        let maps = Canvas.allCases.compactMap { charts.heat(TimeFrame(facts, $0)) }
        guard !maps.isEmpty else { return }
        section.element("figure") { figure in
            for map in maps { map.draw(into: &figure, id: "heat\(index)") }
            writeLegend(
                [
                    ("heat heat-1", "few calls"), ("heat heat-6", "many calls"), ("p50", "p50"),
                    ("p99", "p99"), ("shade", "a fault is in effect"),
                ],
                into: &figure
            )
        }
        section.breakLine()
    }

    private func writeLegend(
        _ keys: [(style: String, words: String)],
        into figure: inout Markup
    ) {
        figure.element("figcaption", ["class": "legend"]) { legend in
            for key in keys { LegendKey.write(key.style, key.words, into: &legend) }
        }
    }
}
