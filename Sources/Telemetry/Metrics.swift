import Synchronization

/// A number that only grows.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// Adds; traps when the amount is negative.
    package func add(_ amount: Int = 1) {
        precondition(amount >= 0, "a counter only grows")
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int { count.load(ordering: .relaxed) }
}

/// A number that goes up and down.
package final class Gauge: Sendable {
    private let number = Atomic<Int>(0)

    package func set(_ value: Int) { number.store(value, ordering: .relaxed) }
    package func add(_ amount: Int) { number.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int { number.load(ordering: .relaxed) }
}

/// Durations in buckets from half a millisecond to ten seconds.
package final class DurationHistogram: Sendable {
    /// The upper bounds in microseconds.
    package static let bounds: [Int64] = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 5_000_000, 10_000_000,
    ]

    struct State {
        /// One more than there are bounds: the last is everything above.
        var counts = [Int](repeating: 0, count: DurationHistogram.bounds.count + 1)
        var sumMicroseconds: Int64 = 0
    }

    private let state = Mutex(State())

    /// Counts one duration; negative ones count as zero.
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = max(0, seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        let bucket = Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sumMicroseconds += microseconds
        }
    }

    /// How many durations were recorded.
    package var count: Int { snapshot.counts.reduce(0, +) }

    var snapshot: State { state.withLock { $0 } }
}
