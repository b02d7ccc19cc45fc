/// Durations in buckets from 100 µs to 10 s, as Prometheus wants them; a value without a lock.
struct LatencyHistogram: Sendable, Equatable {
    /// The upper bounds, nanoseconds; what is above the last has a bucket of its own.
    static let bounds: [Int64] = [
        100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000,
        5_000_000_000, 10_000_000_000,
    ]

    /// How many fell into each bucket, not cumulated.
    private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// Nanoseconds.
    private(set) var sum: Int64 = 0

    var count: Int { counts.reduce(0, +) }

    /// Counts one duration; below zero counts as zero.
    mutating func record(nanoseconds: Int64) {
        let length = max(0, nanoseconds)
        var index = 0
        while index < LatencyHistogram.bounds.count, length > LatencyHistogram.bounds[index] {
            index += 1
        }
        counts[index] += 1
        sum &+= length
    }

    static func += (sum: inout LatencyHistogram, other: LatencyHistogram) {
        for index in other.counts.indices { sum.counts[index] += other.counts[index] }
        sum.sum &+= other.sum
    }
}

/// A histogram that the pipes of one link and direction share; confined to the thread of its loop.
final class LatencyMeter {
    private(set) var histogram = LatencyHistogram()

    func record(nanoseconds: Int64) {
        histogram.record(nanoseconds: nanoseconds)
    }
}
