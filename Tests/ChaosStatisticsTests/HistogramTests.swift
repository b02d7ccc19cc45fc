import ChaosStatistics
import Testing

struct HistogramTests {
    static let quantiles = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1]

    @Test(arguments: [2, 5, 8, 11, 16], [UInt64(1), 2, 3])
    func `quantiles equal those of the sorted values within the stated error`(
        precision: Int,
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var histogram = Histogram(precision: precision)
        var values = (0..<Int.random(in: 1...3000, using: &generator)).map { _ in
            generator.anyMagnitude()
        }
        for value in values { histogram.record(value) }
        values.sort()
        for quantile in Self.quantiles {
            let rank = max(1, Int((quantile * Double(values.count)).rounded(.up)))
            let exact = values[rank - 1]
            let reported = histogram.value(atQuantile: quantile) ?? 0
            #expect(reported >= exact)
            let error = Double(reported - exact)
            #expect(error <= Double(exact) * histogram.relativeErrorMax)
        }
        #expect(histogram.min == values.first)
        #expect(histogram.max == values.last)
        #expect(histogram.count == values.count)
    }

    @Test func `small values are exact`() {
        var histogram = Histogram(precision: 11)
        for value in UInt64(0)..<2048 { histogram.record(value) }
        for value in UInt64(0)..<2048 {
            #expect(histogram.value(atRank: Int(value) + 1) == value)
        }
    }

    @Test func `every value lies in its bucket, and buckets neither overlap nor leave gaps`() {
        for precision in [2, 3, 11] {
            let histogram = Histogram(precision: precision)
            var next: UInt64 = 0
            for _ in 0..<6000 {
                let bounds = histogram.bucketBounds(of: next)
                #expect(bounds.lowerBound == next)
                #expect(histogram.bucketBounds(of: bounds.upperBound) == bounds)
                guard bounds.upperBound < .max else { break }
                next = bounds.upperBound + 1
            }
        }
        #expect(Histogram().bucketBounds(of: .max).upperBound == .max)
    }

    @Test func `an empty histogram has no quantiles and no mean`() {
        let histogram = Histogram()
        #expect(histogram.value(atQuantile: 0.5) == nil)
        #expect(histogram.mean == nil)
        #expect(histogram.min == nil)
        #expect(histogram.max == nil)
        #expect(histogram.value(atRank: 1) == nil)
        #expect(histogram.buckets.isEmpty)
    }

    @Test func `a quantile outside 0 to 1 is clamped`() {
        var histogram = Histogram()
        for value in [UInt64(10), 20, 30] { histogram.record(value) }
        #expect(histogram.value(atQuantile: -1) == 10)
        #expect(histogram.value(atQuantile: 2) == 30)
        #expect(histogram.value(atQuantile: .nan) == 10)
    }

    @Test(arguments: UInt64(1)...20)
    func `merging is the same as recording together, in any order`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (a, b, both) = (Histogram(), Histogram(), Histogram())
        for _ in 0..<500 {
            let value = generator.anyMagnitude() >> 10
            if generator.next().isMultiple(of: 2) { a.record(value) } else { b.record(value) }
            both.record(value)
        }
        var ab = a
        ab.merge(b)
        var ba = b
        ba.merge(a)
        #expect(ab == both)
        #expect(ba == both)
        #expect(ab.mean == both.mean)
        ab.merge(Histogram())
        #expect(ab == both)
    }

    @Test func `subtracting an earlier state leaves what came since`() {
        var generator = SeededGenerator(seed: 5)
        var histogram = Histogram()
        for _ in 0..<1000 { histogram.record(generator.anyMagnitude() >> 12) }
        let earlier = histogram
        var since = Histogram()
        for _ in 0..<1000 {
            let value = generator.anyMagnitude() >> 12
            histogram.record(value)
            since.record(value)
        }
        let difference = histogram.subtracting(earlier)
        #expect(difference.count == since.count)
        #expect(difference.mean == since.mean)
        for quantile in [0.1, 0.5, 0.9, 0.99] {
            let value = since.value(atQuantile: quantile) ?? 0
            #expect(
                difference.bucketBounds(of: value).contains(
                    difference.value(atQuantile: quantile) ?? 0
                )
            )
        }
        #expect(histogram.subtracting(histogram).isEmpty)
    }

    @Test(arguments: UInt64(1)...50)
    func `the compact form gives the same histogram back`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var histogram = Histogram(precision: Int.random(in: 2...16, using: &generator))
        for _ in 0..<Int.random(in: 0...200, using: &generator) {
            histogram.record(generator.anyMagnitude() >> 2, times: Int(generator.next() % 4))
        }
        #expect(Histogram(compact: histogram.compact) == histogram)
    }

    @Test(
        arguments: [
            [], [1], [17], [11, 1], [11, 5, 5, 5, 5], [11, 5, 5, 5, 5, 0], [11, 5, 5, 5, 6, 1],
            [11, 5, 5, 5, 5, 1, 0, 1], [11, 5, 6, 5, 5, 1], [11, 5, 5, 5, .max, 1],
            [11, 5, 5, 5, 5, .max], [11, 9, 4, 5, 4, 9_223_372_036_854_775_807, 1, 1],
        ] as [[UInt64]]
    )
    func `what is no compact form is refused`(words: [UInt64]) {
        #expect(Histogram(compact: words) == nil)
    }

    @Test(arguments: UInt64(1)...300)
    func `a mutated compact form is refused or is a sound histogram`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var histogram = Histogram()
        for _ in 0..<50 { histogram.record(generator.anyMagnitude()) }
        var words = histogram.compact
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let position = Int.random(in: 0..<words.count, using: &generator)
            switch generator.next() % 4 {
            case 0: words[position] = generator.anyMagnitude()
            case 1: words[position] ^= 1 << (generator.next() % 64)
            case 2 where words.count > 1: words.remove(at: position)
            default: words.insert(generator.anyMagnitude(), at: position)
            }
        }
        guard let read = Histogram(compact: words), !read.isEmpty else { return }
        #expect(read.buckets.map(\.count).reduce(0, +) == read.count)
        #expect(read.value(atQuantile: 1) == read.max)
        #expect(Histogram(compact: read.compact) == read)
    }

    @Test func `the sum saturates instead of trapping`() {
        var histogram = Histogram()
        histogram.record(.max, times: 3)
        #expect(histogram.count == 3)
        #expect(histogram.sum == .max)
        #expect(histogram.value(atQuantile: 0.5) == .max)
    }
}
