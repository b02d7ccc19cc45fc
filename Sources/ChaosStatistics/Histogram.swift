/// Counts of non-negative integers in log-linear buckets (HDR): any range, bounded relative error.
///
/// Values below `2^precision` have a bucket each and are exact. Above, each power of two is cut
/// into `2^(precision - 1)` equal buckets, so that a bucket's width is at most `2^(1 - precision)`
/// of the values in it; the reported value is the bucket's highest, so a quantile is never below
/// the true one and at most `relativeErrorMax` above it. Memory grows with the largest value seen:
/// with the default precision at most 64 × 1024 counts, for latencies in microseconds some 15,000.
package struct Histogram: Sendable, Equatable {
    /// Bits of precision, 2 to 16; 11 gives an error of at most 0.1 %.
    package let precision: Int
    /// How many values were recorded.
    package private(set) var count: Int = 0
    /// The sum of the recorded values as they were; saturates at `UInt64.max`.
    package private(set) var sum: UInt64 = 0
    /// The smallest value, exact; `nil` when empty.
    package var min: UInt64? { count > 0 ? lowest : nil }
    /// The largest value, exact; `nil` when empty.
    package var max: UInt64? { count > 0 ? highest : nil }

    private var lowest = UInt64.max
    private var highest: UInt64 = 0
    private var counts: [Int] = []

    /// An empty histogram.
    ///
    /// Traps when `precision` is not between 2 and 16.
    package init(precision: Int = 11) {
        precondition((2...16).contains(precision), "a histogram's precision is 2 to 16 bits")
        self.precision = precision
    }

    /// How much a reported value may exceed the true one, as a fraction of it: `2^(1 - precision)`.
    package var relativeErrorMax: Double { 1 / Double(1 << (precision - 1)) }

    package var isEmpty: Bool { count == 0 }

    /// The mean of the recorded values, exact up to rounding; `nil` when empty.
    package var mean: Double? { count > 0 ? Double(sum) / Double(count) : nil }

    /// Records a value so many times.
    ///
    /// Traps when `times` is negative.
    package mutating func record(_ value: UInt64, times: Int = 1) {
        precondition(times >= 0, "a value is recorded a number of times, not \(times)")
        guard times > 0 else { return }
        let index = bucket(of: value)
        if index >= counts.count { grow(toHold: index) }
        counts[index] += times
        count += times
        let (product, overflow) = value.multipliedReportingOverflow(by: UInt64(times))
        let (total, carry) = sum.addingReportingOverflow(product)
        sum = overflow || carry ? .max : total
        lowest = Swift.min(lowest, value)
        highest = Swift.max(highest, value)
    }

    /// Adds everything that another histogram counted.
    ///
    /// Traps when the precisions differ.
    package mutating func merge(_ other: Histogram) {
        precondition(precision == other.precision, "histograms of two precisions cannot be merged")
        guard !other.isEmpty else { return }
        if other.counts.count > counts.count { grow(toHold: other.counts.count - 1) }
        for index in other.counts.indices { counts[index] += other.counts[index] }
        count += other.count
        let (total, carry) = sum.addingReportingOverflow(other.sum)
        sum = carry ? .max : total
        lowest = Swift.min(lowest, other.lowest)
        highest = Swift.max(highest, other.highest)
    }

    /// Takes away what an earlier state of this histogram had counted.
    ///
    /// Minimum and maximum are then known to the bucket only.
    /// Traps when `earlier` is not contained in this histogram.
    package func subtracting(_ earlier: Histogram) -> Histogram {
        precondition(
            precision == earlier.precision && earlier.count <= count,
            "only an earlier state of the same histogram can be subtracted"
        )
        guard !earlier.isEmpty else { return self }
        var result = Histogram(precision: precision)
        for index in counts.indices {
            let before = index < earlier.counts.count ? earlier.counts[index] : 0
            precondition(before <= counts[index], "the earlier state is not part of this one")
            let times = counts[index] - before
            guard times > 0 else { continue }
            if result.counts.isEmpty { result.counts = Array(repeating: 0, count: counts.count) }
            result.counts[index] = times
            result.count += times
            let bounds = bounds(ofBucket: index)
            result.lowest = Swift.min(result.lowest, Swift.max(bounds.lowerBound, lowest))
            result.highest = Swift.max(result.highest, Swift.min(bounds.upperBound, highest))
        }
        result.sum = sum == .max ? .max : sum - earlier.sum
        return result
    }

    /// The value below or at which a fraction of the values lies; `nil` when empty.
    ///
    /// `quantile` is 0 to 1 and is clamped. The rank is `ceil(quantile × count)`, at least 1 (the
    /// definition without interpolation); the value is the highest of its bucket, at most `max`.
    package func value(atQuantile quantile: Double) -> UInt64? {
        guard count > 0 else { return nil }
        let clamped = Swift.min(1, Swift.max(0, quantile.isNaN ? 0 : quantile))
        let rank = Int((clamped * Double(count)).rounded(.up))
        return value(atRank: Swift.min(count, Swift.max(1, rank)))
    }

    /// The value of the rank-th smallest recording, 1 to `count`; `nil` outside that.
    package func value(atRank rank: Int) -> UInt64? {
        guard rank >= 1, rank <= count else { return nil }
        var seen = 0
        for index in counts.indices {
            seen += counts[index]
            if seen >= rank {
                return Swift.max(
                    lowest,
                    Swift.min(highest, bounds(ofBucket: index).upperBound)
                )
            }
        }
        return highest
    }

    /// How many values lie at or below a value, counting its whole bucket.
    package func count(atOrBelow value: UInt64) -> Int {
        let last = bucket(of: value)
        return counts.prefix(last + 1).reduce(0, +)
    }

    /// The buckets that are not empty: their bounds and counts, ascending.
    package var buckets: [(values: ClosedRange<UInt64>, count: Int)] {
        counts.indices.lazy.filter { counts[$0] > 0 }.map {
            (bounds(ofBucket: $0), counts[$0])
        }
    }

    /// The smallest and largest value that fall into the same bucket as `value`.
    package func bucketBounds(of value: UInt64) -> ClosedRange<UInt64> {
        bounds(ofBucket: bucket(of: value))
    }

    package static func == (a: Histogram, b: Histogram) -> Bool {
        a.precision == b.precision && a.count == b.count && a.sum == b.sum
            && a.min == b.min && a.max == b.max
            && a.counts[...].trimmedOfZeros() == b.counts[...].trimmedOfZeros()
    }
}

// The arithmetic of the buckets.
extension Histogram {
    /// Ranks are computed as `Double`: beyond this many values they would no longer be exact.
    private static let countMax: UInt64 = 1 << 53

    private func bucket(of value: UInt64) -> Int {
        let bits = UInt64.bitWidth - value.leadingZeroBitCount
        guard bits > precision else { return Int(value) }
        // Keep the highest `precision` bits; each further power of two adds half as many buckets.
        let shift = bits - precision
        let half = 1 << (precision - 1)
        return shift * half + Int(value >> UInt64(shift))
    }

    private func bounds(ofBucket index: Int) -> ClosedRange<UInt64> {
        let half = 1 << (precision - 1)
        guard index >= 2 * half else { return UInt64(index)...UInt64(index) }
        let shift = UInt64(index / half - 1)
        let lower = UInt64(index - Int(shift) * half) << shift
        return lower...(lower + ((1 << shift) - 1))
    }

    private mutating func grow(toHold index: Int) {
        let half = 1 << (precision - 1)
        let size = (index / half + 1) * half
        counts.append(contentsOf: repeatElement(0, count: size - counts.count))
    }
}

// The compact form.
extension Histogram {
    /// A form for storage: precision, sum, minimum, maximum, then for each non-empty bucket the
    /// distance from the one before and its count; empty histograms have the precision alone.
    package var compact: [UInt64] {
        guard count > 0 else { return [UInt64(precision)] }
        var result: [UInt64] = [UInt64(precision), sum, lowest, highest]
        var last = 0
        for index in counts.indices where counts[index] > 0 {
            result.append(UInt64(index - last))
            result.append(UInt64(counts[index]))
            last = index
        }
        return result
    }

    /// Reads the compact form; `nil` when it is not one.
    package init?(compact: [UInt64]) {
        guard let precision = compact.first, (2...16).contains(precision) else { return nil }
        self.init(precision: Int(precision))
        guard compact.count > 1 else { return }
        guard compact.count >= 6, compact.count.isMultiple(of: 2) else { return nil }
        let last = bucket(of: .max)
        var index = 0
        for position in stride(from: 4, to: compact.count, by: 2) {
            let (distance, times) = (compact[position], compact[position + 1])
            guard distance <= UInt64(last - index), times > 0, times <= Self.countMax,
                distance > 0 || position == 4
            else { return nil }
            index += Int(distance)
            if index >= counts.count { grow(toHold: index) }
            counts[index] = Int(times)
            count += Int(times)
            guard count <= Self.countMax else { return nil }
        }
        sum = compact[1]
        lowest = compact[2]
        highest = compact[3]
        let firstUsed = Int(compact[4])
        guard bucket(of: lowest) <= firstUsed, bucket(of: highest) >= index, lowest <= highest,
            bounds(ofBucket: firstUsed).contains(lowest), bounds(ofBucket: index).contains(highest)
        else { return nil }
    }
}

extension ArraySlice<Int> {
    fileprivate func trimmedOfZeros() -> ArraySlice<Int> {
        var slice = self
        while slice.last == 0 { slice.removeLast() }
        return slice
    }
}
