internal import ChaosJournal

/// The seconds of one operation, thinned to what a drawing can show.
struct LoadSeries {
    /// Some seconds together: rates are means, p50 the middle one, p99 the worst.
    struct Bucket {
        /// The middle, in seconds of the run.
        var time: Double
        var planned: Double
        var ok: Double
        var fail: Double
        var info: Double
        var p50: Double?
        var p99: Double?
    }

    var operation: String
    /// Seconds that one bucket holds.
    var width: Int
    /// In the order of time; `nil` where the load had a pause.
    var buckets: [Bucket?]

    init(operation: String, _ seconds: [LoadSecond], bucketsMax: Int) {
        self.operation = operation
        let first = seconds.map(\.second).min() ?? 0
        let last = seconds.map(\.second).max() ?? 0
        let count = last - first + 1
        width = Swift.max(1, (count + bucketsMax - 1) / bucketsMax)
        let width = width
        var groups: [Int: [LoadSecond]] = [:]
        for second in seconds {
            groups[(second.second - first) / width, default: []].append(second)
        }
        buckets = (0..<Swift.max(1, (count + width - 1) / width)).map { index in
            groups[index].map { group in
                Self.bucket(group, time: Double(first + index * width) + Double(width) / 2)
            }
        }
    }

    private static func bucket(_ group: [LoadSecond], time: Double) -> Bucket {
        let count = Double(group.count)
        let middles = group.compactMap(\.p50).sorted()
        return Bucket(
            time: time,
            planned: Double(group.reduce(0) { $0 + $1.planned }) / count,
            ok: Double(group.reduce(0) { $0 + $1.ok }) / count,
            fail: Double(group.reduce(0) { $0 + $1.fail }) / count,
            info: Double(group.reduce(0) { $0 + $1.info }) / count,
            p50: middles.isEmpty ? nil : middles[middles.count / 2],
            p99: group.compactMap(\.p99).max()
        )
    }

    /// A line through the values of the buckets; where there is none the pen is lifted.
    func path(_ frame: TimeFrame, _ axis: Axis, _ value: (Bucket) -> Double?) -> String {
        let points: [(x: Double, y: Double)?] = buckets.map { bucket in
            guard let bucket, let number = value(bucket) else { return nil }
            return (frame.time.place(bucket.time), axis.place(number))
        }
        return Coordinate.path(points)
    }

    var hasErrors: Bool { buckets.contains { ($0?.fail ?? 0) + ($0?.info ?? 0) > 0 } }
    var latencies: [Double] { buckets.flatMap { [$0?.p50, $0?.p99].compactMap { $0 } } }
}
