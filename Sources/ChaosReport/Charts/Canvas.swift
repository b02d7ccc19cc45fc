internal import ChaosJournal
internal import ChaosVerdict

/// The size of a drawing; each chart is drawn once for wide and once for narrow screens.
enum Canvas: String, CaseIterable {
    case wide, narrow

    /// In the drawing's own units, which are pixels at full size.
    var width: Double { self == .wide ? 1032 : 350 }
    var left: Double { self == .wide ? 66 : 52 }
    var right: Double { self == .wide ? 14 : 8 }
    /// Load seconds that are told apart along the time axis.
    var bucketsMax: Int { self == .wide ? 480 : 150 }
    /// Steps of a strip that are told apart: there are many strips on a page.
    var stepsMax: Int { self == .wide ? 240 : 100 }
    /// The width of a letter of the drawing's small text.
    var letter: Double { self == .wide ? 6.4 : 7.2 }
}

/// A span of time that is shaded.
struct Shade {
    var start: Double
    var end: Double
    var label: String
}

/// The frame that all drawings over time share: shading, phases, the time axis.
struct TimeFrame {
    let canvas: Canvas
    let time: Axis
    let phases: [PhaseWindow]
    let shades: [Shade]
    private let standsAlone: Bool

    /// - Parameters:
    ///   - facts: the run.
    ///   - canvas: wide or narrow.
    ///   - standsAlone: whether each drawing is a file of its own, with its style inside.
    init(_ facts: ReportFacts, _ canvas: Canvas, standsAlone: Bool = false) {
        self.canvas = canvas
        self.standsAlone = standsAlone
        time = Axis.time(
            upTo: facts.duration,
            from: canvas.left,
            to: canvas.width - canvas.right
        )
        phases = facts.verdict.phases.filter { $0.end > $0.start }
        shades = facts.verdict.faults.compactMap { fault in
            guard let start = fault.injectedAt else { return nil }
            return Shade(
                start: start,
                end: fault.undoneAt ?? facts.duration,
                label: fault.function
            )
        }
    }

    /// Opens the drawing with its title and description.
    func draw(
        into markup: inout Markup,
        id: String,
        title: String,
        description: String,
        height: Double,
        _ body: (inout Markup) -> Void
    ) {
        let picture = Picture(canvas: canvas, id: id, standsAlone: standsAlone)
        picture.draw(
            into: &markup,
            title: title,
            description: description,
            height: height,
            body
        )
    }

    /// The faults' windows, behind the data.
    func drawShades(into svg: inout Markup, top: Double, bottom: Double) {
        for shade in shades {
            let left = time.place(shade.start)
            let width = Swift.max(1, time.place(shade.end) - left)
            svg.void("rect", Picture.box("shade", left, top, width, bottom - top))
        }
    }

    /// The phases' names along the top, and where each begins.
    func drawPhases(into svg: inout Markup, top: Double, bottom: Double) {
        for phase in phases {
            let left = time.place(phase.start)
            let width = time.place(phase.end) - left
            svg.void("line", Picture.line("phase", left, top - 14, left, bottom))
            let name = phase.phase.rawValue
            guard Double(name.count) * canvas.letter + 8 < width else { continue }
            svg.element("text", Picture.point("small", left + 4, top - 5), text: name)
        }
    }

    /// The time axis with its labels below `bottom`.
    func drawTime(into svg: inout Markup, bottom: Double) {
        svg.void("line", Picture.line("axis", time.start, bottom, time.end, bottom))
        for tick in time.ticks {
            let place = time.place(tick.value)
            svg.void("line", Picture.line("axis", place, bottom, place, bottom + 4))
            let isLast = place > time.end - 16
            let anchor = isLast ? "end" : "middle"
            svg.element(
                "text",
                [
                    "class": "small", "x": Coordinate.text(isLast ? time.end : place),
                    "y": Coordinate.text(bottom + 17), "text-anchor": anchor,
                ],
                text: tick.label
            )
        }
    }

    /// Lines at an axis' ticks, with their labels and the axis' title above.
    func drawGrid(_ axis: Axis, title: String, into svg: inout Markup) {
        svg.element(
            "text",
            Picture.point("panel", canvas == .wide ? 0 : 2, axis.end - 11),
            text: title
        )
        for tick in axis.ticks {
            let place = axis.place(tick.value)
            svg.void("line", Picture.line("grid", time.start, place, time.end, place))
            svg.element(
                "text",
                [
                    "class": "small", "x": Coordinate.text(time.start - 6),
                    "y": Coordinate.text(place + 4), "text-anchor": "end",
                ],
                text: tick.label
            )
        }
    }
}
