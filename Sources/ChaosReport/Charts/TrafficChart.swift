internal import ChaosVerdict

/// A strip for each link: what it carried to the server above the line, to clients below it.
///
/// Every strip has a scale of its own, since one shows when a link fell silent, not who is loudest.
struct TrafficChart {
    let frame: TimeFrame
    let links: [TrafficSeries]

    /// More links than these are counted, not drawn.
    static let linksMax = 24

    private let first = 34.0
    private let titleHeight = 16.0
    private let half = 13.0
    private var step: Double { titleHeight + 2 * half + 10 }

    func draw(into markup: inout Markup, id: String) {
        let shown = links.prefix(Self.linksMax)
        let bottom = first + Double(shown.count) * step
        frame.draw(
            into: &markup,
            id: id,
            title: "What each link carried over the run",
            description: description,
            height: bottom + 26
        ) { svg in
            frame.drawShades(into: &svg, top: first - 8, bottom: bottom)
            frame.drawPhases(into: &svg, top: first - 8, bottom: bottom)
            for (index, link) in shown.enumerated() {
                draw(link, top: first + Double(index) * step, into: &svg)
            }
            frame.drawTime(into: &svg, bottom: bottom)
        }
    }

    private var description: String {
        links.prefix(Self.linksMax).map { link in
            "\(link.name) \(NumberText.bytes(Double(link.total)))"
        }.joined(separator: "; ") + ". Shaded: a fault is in effect."
    }

    private func draw(_ link: TrafficSeries, top: Double, into svg: inout Markup) {
        let left = frame.canvas == .wide ? frame.time.start + 2 : 0
        let style = link.isHit ? "lane hit" : "lane"
        svg.element("text", Picture.point(style, left, top + 11), text: link.name)
        let peak = NumberText.bytes(link.peak) + "/s at most"
        let total = frame.canvas == .wide ? ", \(NumberText.bytes(Double(link.total))) in all" : ""
        svg.element(
            "text",
            [
                "class": "small", "x": Coordinate.text(frame.time.end),
                "y": Coordinate.text(top + 11), "text-anchor": "end",
            ],
            text: peak + total
        )
        let middle = top + titleHeight + half
        let up = area(link, middle, -1) { $0.upstream }
        let down = area(link, middle, 1) { $0.downstream }
        if !up.isEmpty { svg.void("path", ["class": "upstream", "d": up]) }
        if !down.isEmpty { svg.void("path", ["class": "downstream", "d": down]) }
        svg.void("line", Picture.line("axis", frame.time.start, middle, frame.time.end, middle))
    }

    /// The steps of a direction, closed along the line; nothing where nothing was carried.
    private func area(
        _ link: TrafficSeries,
        _ middle: Double,
        _ sign: Double,
        _ value: (TrafficSeries.Bucket) -> Double
    ) -> String {
        var path = ""
        var tip: String?
        let zero = Coordinate.text(middle)
        for (index, bucket) in link.buckets.enumerated() {
            let edge = Coordinate.text(frame.time.place(Double(index) * link.width))
            let number = value(bucket)
            // Even a single byte is seen.
            let height = Swift.max(0.7, number / link.peak * half)
            let next = number > 0 ? Coordinate.text(middle + sign * height) : nil
            guard next != tip else { continue }
            if tip != nil { path += "H\(edge)" } else { path += "M\(edge) \(zero)" }
            path += next.map { "V\($0)" } ?? "V\(zero)z"
            tip = next
        }
        if tip != nil { path += "H\(Coordinate.text(frame.time.end))V\(zero)z" }
        return path
    }
}
