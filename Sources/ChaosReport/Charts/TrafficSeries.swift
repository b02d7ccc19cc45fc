internal import ChaosJournal
internal import ChaosModel
internal import ChaosVerdict

/// What one link carried over the run, thinned to what a drawing can show.
struct TrafficSeries {
    /// A span of the run: bytes a second in each direction.
    struct Bucket {
        var upstream = 0.0
        var downstream = 0.0
        /// How much of the span was looked at, in seconds.
        var seconds = 0.0
    }

    var name: String
    /// Whether a fault was aimed at it.
    var isHit: Bool
    /// Seconds that one bucket spans.
    var width: Double
    /// From the beginning of the run; a span in which nothing was seen is 0.
    var buckets: [Bucket]
    /// Bytes in all.
    var total = 0

    /// The most that it carried at once, both directions, bytes a second.
    var peak: Double { buckets.map { Swift.max($0.upstream, $0.downstream) }.max() ?? 0 }

    /// Every link that carried something: those that a fault was aimed at first, then by bytes.
    static func links(_ facts: ReportFacts, stepsMax: Int) -> [TrafficSeries] {
        let width = Swift.max(1, facts.duration / Double(stepsMax))
        let count = Int((facts.duration / width).rounded(.up)) + 1
        let targets = Set(facts.verdict.faults.map(\.target))
        var series: [String: TrafficSeries] = [:]
        for (elapsed, sample) in facts.traffic where sample.seconds > 0 {
            for link in sample.links {
                let empty = TrafficSeries(
                    name: link.name,
                    isHit: targets.contains(link.name),
                    width: width,
                    buckets: Array(repeating: Bucket(), count: count)
                )
                series[link.name, default: empty].take(link, sample.seconds, until: elapsed)
            }
        }
        return series.values.map { $0.rated() }.sorted {
            ($0.isHit ? 0 : 1, -$0.total, $0.name) < ($1.isHit ? 0 : 1, -$1.total, $1.name)
        }
    }

    /// Spreads what was carried since the last look over the time in between.
    private mutating func take(_ link: TrafficSample.Link, _ seconds: Double, until end: Double) {
        total += link.upstream + link.downstream
        let start = Swift.max(0, end - seconds)
        let last = Swift.min(buckets.count - 1, Int(end / width))
        for index in Swift.min(last, Int(start / width))...last {
            let from = Swift.max(start, Double(index) * width)
            let overlap = Swift.max(0, Swift.min(end, Double(index + 1) * width) - from)
            buckets[index].upstream += Double(link.upstream) * overlap / seconds
            buckets[index].downstream += Double(link.downstream) * overlap / seconds
            buckets[index].seconds += overlap
        }
    }

    /// The same with rates instead of sums.
    private func rated() -> TrafficSeries {
        var series = self
        for index in buckets.indices where buckets[index].seconds > 0 {
            series.buckets[index].upstream /= buckets[index].seconds
            series.buckets[index].downstream /= buckets[index].seconds
        }
        return series
    }
}
