internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict

/// Phases, fault windows with their firings, and probe readings along the run's time.
struct TimelineChart {
    let frame: TimeFrame
    let facts: ReportFacts

    /// More faults or probes than these are counted, not drawn.
    static let faultsMax = 12
    static let probesMax = 12

    private struct Lane {
        var top: Double
        var title: String
        var draw: (inout Markup, Double) -> Void
    }

    private let barHeight = 16.0
    private let titleHeight = 15.0

    func draw(into markup: inout Markup, id: String) {
        let lanes = faultLanes + probeLanes
        let first = 34.0
        let step = titleHeight + barHeight + 14
        let bottom = first + 12 + Double(lanes.count) * step
        frame.draw(
            into: &markup,
            id: id,
            title: "Timeline of the run",
            description: description,
            height: bottom + 26
        ) { svg in
            frame.drawShades(into: &svg, top: first, bottom: bottom)
            drawPhaseBar(into: &svg, bottom: bottom)
            for (index, lane) in lanes.enumerated() {
                let top = first + 14 + Double(index) * step
                drawTitle(lane.title, top: top, into: &svg)
                lane.draw(&svg, top + titleHeight)
            }
            frame.drawTime(into: &svg, bottom: bottom)
        }
    }

    private var description: String {
        let phases = frame.phases.map { phase in
            "\(phase.phase.rawValue) from \(NumberText.seconds(phase.start)) "
                + "to \(NumberText.seconds(phase.end))"
        }
        let faults = frame.shades.map { shade in
            "\(shade.label) in effect from \(NumberText.seconds(shade.start)) "
                + "to \(NumberText.seconds(shade.end))"
        }
        return (phases + faults).joined(separator: "; ") + "."
    }

    private func drawPhaseBar(into svg: inout Markup, bottom: Double) {
        for (index, phase) in frame.phases.enumerated() {
            let left = frame.time.place(phase.start)
            let width = frame.time.place(phase.end) - left
            let style = index.isMultiple(of: 2) ? "bar even" : "bar odd"
            svg.void("rect", Picture.box(style, left, 6, width, 20))
            svg.void("line", Picture.line("phase", left, 6, left, bottom))
            let name = phase.phase.rawValue
            guard Double(name.count) * frame.canvas.letter + 8 < width else { continue }
            svg.element("text", Picture.point("bar-text", left + 5, 20), text: name)
        }
    }

    private func drawTitle(_ title: String, top: Double, into svg: inout Markup) {
        let left = frame.canvas == .wide ? frame.time.start + 2 : 0
        let room = Int((frame.time.end - left) / frame.canvas.letter)
        let text = title.count > room ? title.prefix(Swift.max(1, room - 1)) + "…" : title
        svg.element("text", Picture.point("lane", left, top + 9), text: text)
    }

    private var faultLanes: [Lane] {
        facts.verdict.faults.prefix(Self.faultsMax).map { fault in
            let isWide = frame.canvas == .wide
            let hits =
                isWide ? fault.hits.map { " · \(NumberText.integer($0)) \(fault.unit)" } : nil
            let title = "\(fault.function) · \(fault.target)\(hits ?? "")"
            return Lane(top: 0, title: title) { svg, top in
                drawFault(fault, top: top, into: &svg)
            }
        }
    }

    private func drawFault(_ fault: FaultRow, top: Double, into svg: inout Markup) {
        guard let start = fault.injectedAt else {
            let text = "never in effect"
            svg.element(
                "text",
                Picture.point("small", frame.time.start + 2, top + 12),
                text: text
            )
            return
        }
        let left = frame.time.place(start)
        let width = frame.time.place(fault.undoneAt ?? facts.duration) - left
        let style = fault.undoneAt == nil ? "fault open" : "fault"
        svg.void("rect", Picture.box(style, left, top, Swift.max(2, width), barHeight))
        var drawn: Set<Int> = []
        for firing in facts.firings[fault.faultID] ?? [] {
            guard let elapsed = facts.elapsed(firing.firedAt) else { continue }
            let place = frame.time.place(elapsed)
            guard drawn.insert(Int(place / 3)).inserted else { continue }
            svg.void("line", Picture.line("firing", place, top + 3, place, top + barHeight - 3))
        }
    }

    private var probeLanes: [Lane] {
        facts.verdict.hypothesis.rows.prefix(Self.probesMax).map { row in
            let readings = facts.readings.filter {
                $0.reading.path == row.path && $0.reading.phase != nil
            }
            let title = row.tolerance.isEmpty ? row.name : "\(row.name) · \(row.tolerance)"
            return Lane(top: 0, title: title) { svg, top in
                drawReadings(readings, top: top, into: &svg)
            }
        }
    }

    private func drawReadings(
        _ readings: [(elapsed: Double, reading: ProbeReading)],
        top: Double,
        into svg: inout Markup
    ) {
        let middle = top + barHeight / 2
        svg.void(
            "line",
            Picture.line("grid", frame.time.start, middle, frame.time.end, middle)
        )
        var drawn: Set<Int> = []
        for entry in readings {
            let place = frame.time.place(entry.elapsed)
            let met = entry.reading.met
            // Met readings on the same spot are one mark; others are always drawn.
            guard met != true || drawn.insert(Int(place)).inserted else { continue }
            Self.drawMark(met, place, middle, into: &svg)
        }
    }

    /// A ring for met, a filled diamond for unmet, a cross for not judged.
    static func drawMark(
        _ met: Bool?,
        _ x: Double,
        _ y: Double,
        into svg: inout Markup
    ) {
        func text(_ value: Double) -> String { Coordinate.text(value) }
        switch met {
        case true?:
            svg.void("circle", ["class": "met", "cx": text(x), "cy": text(y), "r": "3.5"])
        case false?:
            let path = "M\(text(x)) \(text(y - 6))l6 6l-6 6l-6 -6z"
            svg.void("path", ["class": "unmet", "d": path])
        case nil:
            let path = "M\(text(x - 4)) \(text(y - 4))l8 8m0 -8l-8 8"
            svg.void("path", ["class": "unjudged", "d": path])
        }
    }
}
