internal import ChaosJournal
internal import ChaosVerdict

/// All calls of one operation as a map of time and latency, with the quantiles over it.
struct HeatMapChart {
    let frame: TimeFrame
    let series: LoadSeries
    let calls: OperationColumns
    /// An index of the calls' names.
    let name: Int
    /// Milliseconds of the fastest and the slowest call.
    let range: ClosedRange<Double>

    private let top = 52.0
    private var height: Double { frame.canvas == .wide ? 220 : 190 }
    private var columns: Int { frame.canvas == .wide ? 160 : 60 }
    private let rows = 28

    func draw(into markup: inout Markup, id: String) {
        let bottom = top + height
        let axis = Axis.latency([range.lowerBound, range.upperBound], from: bottom, to: top)
        let map = HeatMap(
            calls,
            name: name,
            duration: frame.time.high,
            axis: axis,
            columns: columns,
            rows: rows
        )
        frame.draw(
            into: &markup,
            id: id,
            title: "Every \(series.operation) by when it was planned and how long it took",
            description: description(map),
            height: bottom + 26
        ) { svg in
            frame.drawShades(into: &svg, top: top, bottom: bottom)
            frame.drawPhases(into: &svg, top: top - 26, bottom: bottom)
            let scale = axis.scale == .logarithmic ? ", log scale" : ""
            frame.drawGrid(axis, title: "Latency of every call\(scale)", into: &svg)
            drawCells(map, axis, into: &svg)
            drawLine("p99", axis, into: &svg, \.p99)
            drawLine("p50", axis, into: &svg, \.p50)
            frame.drawTime(into: &svg, bottom: bottom)
        }
    }

    private func description(_ map: HeatMap) -> String {
        let low = NumberText.milliseconds(range.lowerBound)
        let high = NumberText.milliseconds(range.upperBound)
        return "From \(low) to \(high); the darkest cell holds "
            + NumberText.count(map.fullest, "call") + ". Shaded: a fault is in effect."
    }

    /// One path for each tint; cells side by side are one rectangle.
    private func drawCells(_ map: HeatMap, _ axis: Axis, into svg: inout Markup) {
        let cellWidth = (frame.time.end - frame.time.start) / Double(columns)
        let cellHeight = height / Double(rows)
        var paths = Array(repeating: "", count: HeatMap.levels + 1)
        for row in 0..<rows {
            let y = Coordinate.text(axis.start - Double(row + 1) * cellHeight)
            var column = 0
            while column < columns {
                let level = map.level(row: row, column: column)
                let first = column
                while column < columns, map.level(row: row, column: column) == level { column += 1 }
                guard level > 0 else { continue }
                let x = Coordinate.text(frame.time.start + Double(first) * cellWidth)
                let width = Coordinate.text(Double(column - first) * cellWidth)
                paths[level] += "M\(x) \(y)h\(width)v\(Coordinate.text(cellHeight))h-\(width)z"
            }
        }
        for level in 1...HeatMap.levels where !paths[level].isEmpty {
            svg.void("path", ["class": "heat heat-\(level)", "d": paths[level]])
        }
    }

    private func drawLine(
        _ style: String,
        _ axis: Axis,
        into svg: inout Markup,
        _ value: (LoadSeries.Bucket) -> Double?
    ) {
        let path = series.path(frame, axis, value)
        svg.void("path", ["class": "line halo", "d": path])
        svg.void("path", ["class": "line \(style)", "d": path])
    }
}
