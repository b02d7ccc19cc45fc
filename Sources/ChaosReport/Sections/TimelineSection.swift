internal import ChaosJournal
internal import ChaosVerdict

/// The run along its time.
struct TimelineSection {
    let facts: ReportFacts

    func write(into page: inout Markup) {
        page.element("section", ["id": "timeline"]) { section in
            section.element("h2", text: "Timeline")
            section.element("figure") { figure in
                for canvas in Canvas.allCases {
                    let frame = TimeFrame(facts, canvas)
                    TimelineChart(frame: frame, facts: facts).draw(into: &figure, id: "timeline")
                }
                figure.element("figcaption", ["class": "legend"]) { legend in
                    for met in [true, false, nil] as [Bool?] { writeKey(met, into: &legend) }
                    LegendKey.write("shade", "a fault is in effect", into: &legend)
                    LegendKey.write("firing", "it fired", into: &legend)
                }
            }
            writePhases(into: &section)
            writeLeftOut(into: &section)
        }
        page.breakLine()
    }

    private func writeKey(_ met: Bool?, into legend: inout Markup) {
        let words = met.map { $0 ? "within tolerance" : "outside of it" } ?? "could not be judged"
        legend.element("span") { key in
            key.element("svg", ["viewBox": "0 0 16 16", "class": "key", "aria-hidden": "true"]) {
                TimelineChart.drawMark(met, 8, 8, into: &$0)
            }
            key.write(" \(words)")
        }
    }

    /// The phases as text: what a narrow drawing has no room for.
    private func writePhases(into section: inout Markup) {
        section.element("ol", ["class": "phases"]) { list in
            for phase in facts.verdict.phases where phase.end > phase.start {
                list.element("li") { item in
                    item.element("b", text: phase.phase.rawValue)
                    let span = NumberText.seconds(phase.end - phase.start)
                    item.write(" from \(RunTime.point(phase.start)), \(span)")
                }
            }
        }
    }

    private func writeLeftOut(into section: inout Markup) {
        let faults = facts.verdict.faults.count - TimelineChart.faultsMax
        let probes = facts.verdict.hypothesis.rows.count - TimelineChart.probesMax
        var parts: [String] = []
        if faults > 0 { parts.append(NumberText.count(faults, "fault")) }
        if probes > 0 { parts.append(NumberText.count(probes, "probe")) }
        guard !parts.isEmpty else { return }
        section.element("p", text: "Not drawn: \(parts.joined(separator: " and ")).")
    }
}

/// An entry of a legend.
enum LegendKey {
    static func write(_ style: String, _ words: String, into legend: inout Markup) {
        legend.element("span") { key in
            key.element("svg", ["viewBox": "0 0 22 12", "class": "key", "aria-hidden": "true"]) {
                switch style {
                case "shade": $0.void("rect", Picture.box("shade", 0, 1, 22, 10))
                case "firing":
                    $0.void("rect", Picture.box("fault", 0, 1, 22, 10))
                    for x in [6.0, 11, 16] {
                        $0.void("line", Picture.line("firing", x, 3, x, 9))
                    }
                case "fail", "info", "upstream", "downstream", "heat heat-1", "heat heat-6":
                    $0.void("rect", Picture.box(style, 5, 1, 12, 10))
                default: $0.void("line", Picture.line("line \(style)", 0, 6, 22, 6))
                }
            }
            key.write(" \(words)")
        }
    }
}
