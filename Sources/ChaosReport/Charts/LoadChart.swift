internal import ChaosJournal
internal import ChaosVerdict

/// Latency, throughput and errors of one operation over the run, one above the other.
struct LoadChart {
    let frame: TimeFrame
    let series: LoadSeries
    /// Milliseconds that the hypothesis tolerates, with the author's words.
    let thresholds: [(milliseconds: Double, text: String)]

    private var canvas: Canvas { frame.canvas }
    private var latencyHeight: Double { canvas == .wide ? 190 : 170 }
    private var rateHeight: Double { canvas == .wide ? 96 : 84 }
    private var errorHeight: Double { canvas == .wide ? 64 : 60 }
    private let top = 52.0
    private let gap = 38.0

    func draw(into markup: inout Markup, id: String) {
        let rateTop = top + latencyHeight + gap
        let errorTop = rateTop + rateHeight + gap
        let bottom = series.hasErrors ? errorTop + errorHeight : rateTop + rateHeight
        frame.draw(
            into: &markup,
            id: id,
            title: "Latency, throughput and errors of \(series.operation) over the run",
            description: description,
            height: bottom + 26
        ) { svg in
            frame.drawShades(into: &svg, top: top, bottom: bottom)
            frame.drawPhases(into: &svg, top: top - 26, bottom: bottom)
            drawLatency(into: &svg)
            drawRates(into: &svg, top: rateTop)
            if series.hasErrors { drawErrors(into: &svg, top: errorTop) }
            frame.drawTime(into: &svg, bottom: bottom)
        }
    }

    private var description: String {
        let worst = series.buckets.compactMap { $0?.p99 }.max()
        let text = worst.map { "The worst p99 is \(NumberText.milliseconds($0))." }
        return "\(text ?? "No latency was measured.") Shaded: a fault is in effect."
    }

    private func drawLatency(into svg: inout Markup) {
        let shown = thresholds.map(\.milliseconds)
        let axis = Axis.latency(series.latencies + shown, from: top + latencyHeight, to: top)
        let scale = axis.scale == .logarithmic ? ", log scale" : ""
        frame.drawGrid(axis, title: "Latency\(scale)", into: &svg)
        for threshold in thresholds {
            let place = axis.place(threshold.milliseconds)
            svg.void(
                "line",
                Picture.line("limit", frame.time.start, place, frame.time.end, place)
            )
            svg.element(
                "text",
                [
                    "class": "small limit-text", "x": Coordinate.text(frame.time.end - 4),
                    "y": Coordinate.text(place - 4), "text-anchor": "end",
                ],
                text: threshold.text
            )
        }
        line("p99", axis, into: &svg, \.p99)
        line("p50", axis, into: &svg, \.p50)
    }

    private func drawRates(into svg: inout Markup, top: Double) {
        let highest = series.buckets.compactMap { $0.map { Swift.max($0.planned, $0.ok) } }.max()
        let axis = Axis.count(upTo: highest ?? 1, from: top + rateHeight, to: top)
        frame.drawGrid(axis, title: "\(series.operation)s per second", into: &svg)
        line("planned", axis, into: &svg, \.planned)
        line("ok", axis, into: &svg, \.ok)
    }

    private func drawErrors(into svg: inout Markup, top: Double) {
        let highest = series.buckets.compactMap { $0.map { $0.fail + $0.info } }.max()
        let axis = Axis.count(upTo: highest ?? 1, from: top + errorHeight, to: top)
        frame.drawGrid(axis, title: "failed and unknown per second", into: &svg)
        let half = frame.time.place(Double(series.width)) - frame.time.place(0)
        for bucket in series.buckets.compactMap({ $0 }) where bucket.fail + bucket.info > 0 {
            let width = Swift.max(1.5, half - 0.5)
            let left = frame.time.place(bucket.time) - width / 2
            let failTop = axis.place(bucket.fail)
            let allTop = axis.place(bucket.fail + bucket.info)
            if bucket.fail > 0 {
                svg.void("rect", Picture.box("fail", left, failTop, width, axis.start - failTop))
            }
            if bucket.info > 0 {
                svg.void("rect", Picture.box("info", left, allTop, width, failTop - allTop))
            }
        }
    }

    private func line(
        _ style: String,
        _ axis: Axis,
        into svg: inout Markup,
        _ value: (LoadSeries.Bucket) -> Double?
    ) {
        let path = series.path(frame, axis, value)
        svg.void("path", ["class": "line \(style)", "d": path])
    }
}
