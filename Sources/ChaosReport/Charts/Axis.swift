internal import ChaosVerdict

// For libm: logarithms.
internal import func Glibc.log10
internal import func Glibc.pow

/// Places values along a length of the drawing, with ticks at round numbers.
struct Axis {
    enum Scale { case linear, logarithmic }

    struct Tick {
        var value: Double
        var label: String
    }

    let scale: Scale
    let low: Double
    let high: Double
    /// Where `low` and `high` stand in the drawing.
    let start: Double
    let end: Double
    private(set) var ticks: [Tick] = []

    /// The place of a value in the drawing; outside of the range it stays on the edge.
    func place(_ value: Double) -> Double {
        let share =
            switch scale {
            case .linear: (value - low) / (high - low)
            case .logarithmic:
                (log10(Swift.max(value, low)) - log10(low)) / (log10(high) - log10(low))
            }
        return start + Swift.min(1, Swift.max(0, share)) * (end - start)
    }

    /// Seconds of the run, along the bottom.
    static func time(upTo duration: Double, from start: Double, to end: Double) -> Axis {
        let wanted = Swift.max(2, (end - start) / 84)
        let steps = [1.0, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600]
        let step = steps.first { duration / $0 <= wanted } ?? (duration / wanted).rounded(.up)
        var axis = Axis(scale: .linear, low: 0, high: duration, start: start, end: end)
        var value = 0.0
        while value <= duration, axis.ticks.count < 100 {
            axis.ticks.append(Tick(value: value, label: clock(value, inMinutes: duration > 150)))
            value += step
        }
        return axis
    }

    private static func clock(_ seconds: Double, inMinutes: Bool) -> String {
        let whole = Int(seconds)
        guard inMinutes else { return "\(whole) s" }
        return "\(whole / 60):" + (whole % 60 < 10 ? "0" : "") + "\(whole % 60)"
    }

    /// Keeps the highest value off the edge.
    private static let headroom = 1.06

    /// Milliseconds, logarithmic when the values span more than a factor of 40.
    static func latency(_ values: [Double], from start: Double, to end: Double) -> Axis {
        let positive = values.filter { $0 > 0 }
        guard let top = positive.max(), let bottom = positive.min() else {
            return count(upTo: 1, from: start, to: end)
        }
        guard top / bottom > 40 else {
            var axis = linear(upTo: top * headroom, wanted: 4, from: start, to: end)
            axis.label { $0 < 1 || $0 != $0.rounded() ? NumberText.milliseconds($0) : whole($0) }
            return axis
        }
        let rounds = [1.0, 2, 5]
        let candidates = (-3...8).flatMap { power in rounds.map { $0 * pow(10, Double(power)) } }
        let low = candidates.last { $0 <= bottom } ?? bottom
        let high = candidates.first { $0 >= top * headroom } ?? top * headroom
        var axis = Axis(scale: .logarithmic, low: low, high: high, start: start, end: end)
        let inside = candidates.filter { $0 >= low && $0 <= high }
        let decades = inside.filter { isPowerOfTen($0) }
        let chosen = inside.count <= 7 ? inside : decades
        axis.ticks = chosen.map { Tick(value: $0, label: short($0)) }
        return axis
    }

    private static func whole(_ milliseconds: Double) -> String {
        milliseconds < 10_000
            ? NumberText.decimal(milliseconds, places: 0) + " ms"
            : NumberText.milliseconds(milliseconds)
    }

    /// Numbers of things, from 0.
    static func count(upTo top: Double, from start: Double, to end: Double) -> Axis {
        var axis = linear(upTo: Swift.max(1, top * headroom), wanted: 3, from: start, to: end)
        axis.label { NumberText.decimal($0, places: $0 == $0.rounded() ? 0 : 1) }
        return axis
    }

    private static func linear(
        upTo top: Double,
        wanted: Double,
        from start: Double,
        to end: Double
    ) -> Axis {
        let power = pow(10, log10(top / wanted).rounded(.down))
        let step = [1, 2, 2.5, 5, 10].map { $0 * power }.first { top / $0 <= wanted } ?? 10 * power
        let high = (top / step).rounded(.up) * step
        var axis = Axis(scale: .linear, low: 0, high: high, start: start, end: end)
        var index = 0.0
        while index * step <= high * 1.000_1, index < 100 {
            axis.ticks.append(Tick(value: index * step, label: ""))
            index += 1
        }
        return axis
    }

    private mutating func label(_ text: (Double) -> String) {
        for index in ticks.indices { ticks[index].label = text(ticks[index].value) }
    }

    private static func isPowerOfTen(_ value: Double) -> Bool {
        let exponent = log10(value)
        return abs(exponent - exponent.rounded()) < 1e-9
    }

    /// `500 µs`, `20 ms`, `5 s`: round numbers without decimals.
    private static func short(_ milliseconds: Double) -> String {
        if milliseconds < 0.999 {
            return NumberText.decimal(milliseconds * 1000, places: 0) + " µs"
        }
        if milliseconds < 999 { return NumberText.decimal(milliseconds, places: 0) + " ms" }
        return NumberText.decimal(milliseconds / 1000, places: 0) + " s"
    }
}

/// Coordinates as short text.
enum Coordinate {
    /// At most one decimal.
    static func text(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e9 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let rest = tenths.magnitude % 10
        return sign + String(tenths.magnitude / 10) + (rest == 0 ? "" : ".\(rest)")
    }

    /// Three decimals, without grouping.
    static func thousandths(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e9 else { return "0" }
        return String((value * 1000).rounded() / 1000)
    }

    /// A path through the points; `nil` lifts the pen.
    static func path(_ points: [(x: Double, y: Double)?]) -> String {
        var text = ""
        var isDown = false
        for point in points {
            guard let point else {
                isDown = false
                continue
            }
            text += (isDown ? "L" : "M") + Self.text(point.x) + " " + Self.text(point.y)
            isDown = true
        }
        return text
    }
}
