internal import ChaosVerdict

/// The story of one offending order as a sequence diagram: who said what to whom, when.
struct SequenceChart {
    let story: WitnessStory
    let canvas: Canvas
    var standsAlone = false

    /// Those who take part, from left to right.
    private enum Line: Int, CaseIterable {
        case client, shop, processor
    }

    private let top = 44.0
    private let step = 40.0
    /// What is left of the lines, for the time.
    private var margin: Double { canvas == .wide ? 84 : 66 }

    private func place(_ line: Line) -> Double {
        let inset = canvas == .wide ? 60.0 : 30
        let span = canvas.width - margin - 2 * inset
        return margin + inset + span * Double(line.rawValue) / Double(Line.allCases.count - 1)
    }

    func draw(into markup: inout Markup, id: String) {
        let bottom = top + Double(story.moments.count) * step + 14
        let picture = Picture(canvas: canvas, id: id, standsAlone: standsAlone)
        picture.draw(
            into: &markup,
            title: "What happened to \(story.subject)",
            description: "\(story.reason). The same as a list follows.",
            height: bottom
        ) { svg in
            for line in Line.allCases { draw(line, bottom: bottom, into: &svg) }
            for (index, moment) in story.moments.enumerated() {
                draw(moment, at: top + 24 + Double(index) * step, into: &svg)
            }
        }
    }

    private func draw(_ line: Line, bottom: Double, into svg: inout Markup) {
        let x = place(line)
        svg.void("line", Picture.line("life", x, top - 12, x, bottom - 6))
        text(name(of: line), "lane", x, top - 20, anchor: anchor(of: line), into: &svg)
    }

    private func name(of line: Line) -> String {
        switch line {
        case .client: "client"
        case .shop: "system"
        case .processor: canvas == .wide ? "card processor" : "processor"
        }
    }

    /// Names at the edges are kept inside.
    private func anchor(of line: Line) -> String {
        line == .processor && canvas == .narrow ? "end" : "middle"
    }

    private func draw(_ moment: WitnessStory.Moment, at y: Double, into svg: inout Markup) {
        let time = RunTime.point(moment.elapsed, places: 3)
        text(time, "small", margin - 8, y + 4, anchor: "end", into: &svg)
        switch moment.kind {
        case .client where moment.isRequest:
            arrow("client", from: .client, to: .shop, y, into: &svg)
        case .client: arrow("client back", from: .shop, to: .client, y, into: &svg)
        case .charge: arrow("charge", from: .shop, to: .processor, y, into: &svg)
        case .system: svg.void("circle", point("system", place(.shop), y, radius: 5))
        case .fault:
            let left = margin
            svg.void("rect", Picture.box("fault", left, y - 5, canvas.width - left - 4, 10))
        }
        label(moment, y - 9, into: &svg)
    }

    /// The words above an arrow, begun at its left end, cut where the drawing ends.
    private func label(_ moment: WitnessStory.Moment, _ y: Double, into svg: inout Markup) {
        let start =
            switch moment.kind {
            case .client: place(.client) + 6
            case .fault: margin + 4
            case .system, .charge: canvas == .wide ? place(.shop) + 10 : margin + 4
            }
        let isBold = moment.kind == .charge
        let letter = isBold ? canvas.letter * 1.16 : canvas.letter
        let room = Int((canvas.width - start - 4) / letter)
        let words = moment.text.count > room ? moment.text.prefix(room - 1) + "…" : moment.text[...]
        let style = isBold ? "panel" : "small"
        text(String(words), style, start, y, anchor: "start", into: &svg)
    }

    private func arrow(
        _ style: String,
        from start: Line,
        to end: Line,
        _ y: Double,
        into svg: inout Markup
    ) {
        let (x1, x2) = (place(start), place(end))
        let side = x2 > x1 ? -1.0 : 1
        svg.void("line", Picture.line("arrow \(style)", x1, y, x2 + side * 2, y))
        let head: [(x: Double, y: Double)?] = [
            (x2 + side * 9, y - 5), (x2 + side, y), (x2 + side * 9, y + 5),
        ]
        svg.void("path", ["class": "arrow \(style) head", "d": Coordinate.path(head)])
    }

    private func point(
        _ style: String,
        _ x: Double,
        _ y: Double,
        radius: Double
    ) -> Markup.Attributes {
        [
            "class": "dot \(style)", "cx": Coordinate.text(x), "cy": Coordinate.text(y),
            "r": Coordinate.text(radius),
        ]
    }

    private func text(
        _ content: String,
        _ style: String,
        _ x: Double,
        _ y: Double,
        anchor: String,
        into svg: inout Markup
    ) {
        svg.element(
            "text",
            [
                "class": style, "x": Coordinate.text(x), "y": Coordinate.text(y),
                "text-anchor": anchor,
            ],
            text: content
        )
    }
}
