/// The picture of a run at a glance, drawn below the lines of what has happened; a value without a
/// clock.
///
/// ```
/// ── method ─────────────────── 12 s of about 39 s ──
///   latency on payments->processor          7 s left
///   checkouts succeed          99.6%   ▇▇▇▆▇▇
/// ```
struct RunScreen: Equatable {
    /// How many readings a little graph shows.
    static let readingsMax = 30
    /// Faults and figures that are shown; what is more is counted.
    static let rowsMax = 8

    /// A fault that is in effect.
    struct Fault: Equatable {
        var what: String
        var secondsLeft: Int64
    }

    /// The latest value of a probe.
    struct Figure: Equatable {
        var name: String
        var text: String
        /// What the graph shows; `nil`: nothing that could be drawn.
        var value: Double?
        var isMet: Bool?
    }

    private(set) var title = ""
    private(set) var seconds = 0
    /// How long the run takes at least, seconds.
    var estimate: Int?
    private(set) var faults: [Fault] = []
    private(set) var figures: [Figure] = []
    /// The readings of each figure, oldest first.
    private(set) var readings: [String: [Double]] = [:]

    /// Takes a new look.
    mutating func take(phase: String, seconds: Int, faults: [Fault], figures: [Figure]) {
        title = phase
        self.seconds = seconds
        self.faults = faults
        self.figures = figures
        for figure in figures {
            guard let value = figure.value, value.isFinite else { continue }
            var known = readings[figure.name, default: []]
            known.append(value)
            readings[figure.name] = Array(known.suffix(Self.readingsMax))
        }
    }

    /// The lines for a terminal of that width.
    func lines(width: Int) -> [ScreenLine] {
        var lines = [head(width: width)]
        for fault in faults.prefix(Self.rowsMax) {
            let left = fault.secondsLeft > 0 ? "\(fault.secondsLeft) s left" : "ending"
            let room = max(10, width - 4 - left.count)
            lines.append(
                ScreenLine([
                    ("  " + Self.cut(fault.what, to: room - 1).padding(to: room), .yellow),
                    (left, .yellow),
                ])
            )
        }
        if faults.count > Self.rowsMax {
            lines.append(ScreenLine("  and \(faults.count - Self.rowsMax) more faults", .yellow))
        }
        let widest = figures.map(\.name.count).max() ?? 0
        // The value and its graph keep a third of a narrow terminal.
        let names = min(widest, max(12, width * 2 / 3 - 12))
        for figure in figures.prefix(Self.rowsMax) {
            lines.append(row(figure, names: names, width: width))
        }
        return lines
    }

    private func head(width: Int) -> ScreenLine {
        // What settles and recovers takes longer than anybody can know.
        let whole = estimate.flatMap { $0 >= seconds ? " of about \($0) s" : nil }
        let time = "\(seconds) s" + (whole ?? "")
        let rule = max(2, width - title.count - time.count - 9)
        return ScreenLine([
            ("── ", .dim), (title, .bold), (" " + String(repeating: "─", count: rule) + " ", .dim),
            (time, .plain), (" ──", .dim),
        ])
    }

    private func row(_ figure: Figure, names: Int, width: Int) -> ScreenLine {
        let name = Self.cut(figure.name, to: names).padding(to: names + 2)
        let value = Self.cut(figure.text, to: 12).padding(to: 13)
        let room = max(0, width - 3 - names - 2 - 13)
        let graph = Self.graph(readings[figure.name] ?? [], width: room)
        return ScreenLine([
            ("  " + name, .plain), (value, figure.isMet == false ? .red : .bold), (graph, .dim),
        ])
    }

    /// A little graph from the lowest reading to the highest; a figure that never moves is a low
    /// line.
    static func graph(_ readings: [Double], width: Int) -> String {
        let shown = readings.suffix(width)
        guard shown.count > 1, let low = shown.min(), let high = shown.max() else { return "" }
        let steps = Array("▁▂▃▄▅▆▇█")
        return String(
            shown.map { value in
                high > low ? steps[Int((value - low) / (high - low) * 7)] : steps[0]
            }
        )
    }

    private static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
    }
}
