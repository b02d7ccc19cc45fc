internal import ChaosVerdict

/// The report's drawings as files of their own: SVG with its style inside.
package enum Pictures {
    /// Each drawing once, wide, with a file name without folder.
    package static func all(_ report: Report) -> [(file: String, bytes: [UInt8])] {
        let facts = ReportFacts(report)
        let frame = TimeFrame(facts, .wide, standsAlone: true)
        var files: [(file: String, bytes: [UInt8])] = []
        func add(_ name: String, _ draw: (inout Markup) -> Void) {
            var markup = Markup()
            draw(&markup)
            files.append((name + ".svg", Array(markup.text.utf8)))
        }
        add("timeline") {
            TimelineChart(frame: frame, facts: facts).draw(into: &$0, id: "timeline")
        }
        for (index, load) in facts.load.enumerated() {
            let charts = LoadCharts(facts: facts, index: index)
            let name = fileName(load.operation)
            add("\(name)-load") { charts.load(frame).draw(into: &$0, id: "load") }
            guard let heat = charts.heat(frame) else { continue }
            add("\(name)-latency") { heat.draw(into: &$0, id: "heat") }
        }
        let strips = TrafficSeries.links(facts, stepsMax: Canvas.wide.stepsMax)
        if !strips.isEmpty {
            add("links") { TrafficChart(frame: frame, links: strips).draw(into: &$0, id: "links") }
        }
        for row in facts.verdict.invariants where row.holds == false {
            guard let witness = row.witnesses.first else { continue }
            let story = WitnessStory(witness, facts)
            guard !story.moments.isEmpty else { continue }
            let chart = SequenceChart(story: story, canvas: .wide, standsAlone: true)
            add("\(fileName(row.name))-story") { chart.draw(into: &$0, id: "story") }
        }
        return files
    }

    /// Letters, digits and dashes: names of a system under test are not paths.
    private static func fileName(_ name: String) -> String {
        let letters = name.lowercased().unicodeScalars.map { scalar in
            let isPlain =
                ("a"..."z").contains(Character(scalar)) || ("0"..."9").contains(Character(scalar))
            return isPlain ? Character(scalar) : "-"
        }
        return String(letters.prefix(60))
    }
}
