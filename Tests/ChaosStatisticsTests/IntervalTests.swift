import ChaosStatistics
import Testing

struct IntervalTests {
    @Test(arguments: [
        // Reference values: the published formula, worked with 50 digits.
        (0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (5, 10, 0.23659, 0.76341),
        (99, 100, 0.94554, 0.99823), (990, 1000, 0.98168, 0.99455),
    ])
    func `the Wilson interval has its published bounds`(
        successes: Int,
        trials: Int,
        lower: Double,
        upper: Double
    ) throws {
        let interval = try #require(Proportion.wilson(successes: successes, trials: trials))
        #expect(abs(interval.lower - lower) < 1e-4)
        #expect(abs(interval.upper - upper) < 1e-4)
        #expect(interval.estimate == Double(successes) / Double(trials))
    }

    @Test func `there is no proportion without trials or with impossible counts`() {
        #expect(Proportion.wilson(successes: 0, trials: 0) == nil)
        #expect(Proportion.wilson(successes: 3, trials: 2) == nil)
        #expect(Proportion.wilson(successes: -1, trials: 2) == nil)
        #expect(Proportion.wilson(successes: 1, trials: 2, confidence: 1) == nil)
    }

    @Test(arguments: [
        (0.5, 0.0), (0.975, 1.959_963_985), (0.995, 2.575_829_304), (0.001, -3.090_232_306),
    ])
    func `normal quantiles are those of the tables`(p: Double, z: Double) {
        #expect(abs(Normal.quantile(p) - z) < 1e-8)
    }

    @Test(arguments: [0.5, 0.9, 0.99])
    func `the quantile interval contains the true quantile as often as it says`(quantile: Double) {
        var generator = SeededGenerator(seed: 11)
        let rounds = 400
        var hits = 0
        for _ in 0..<rounds {
            var histogram = Histogram()
            for _ in 0..<500 { histogram.record(UInt64.random(in: 0..<100_000, using: &generator)) }
            guard let interval = histogram.interval(atQuantile: quantile) else { continue }
            let truth = quantile * 100_000
            if interval.lower <= truth * 1.001, interval.upper >= truth { hits += 1 }
        }
        // 95 % or more; the bound is four standard deviations of 400 trials below.
        #expect(Double(hits) / Double(rounds) > 0.906)
    }

    @Test func `the ranks are those of the exact binomial for a small sample`() throws {
        // n = 20, median, 95 %: ranks 6 and 15 (Conover, table A.3).
        var histogram = Histogram()
        for value in UInt64(1)...20 { histogram.record(value) }
        let interval = try #require(histogram.interval(atQuantile: 0.5))
        #expect(interval.lower == 6)
        #expect(interval.upper == 15)
        #expect(interval.estimate == 10)
    }

    @Test func `p99 has an interval from 368 values on`() {
        var histogram = Histogram()
        for value in UInt64(1)...367 { histogram.record(value) }
        #expect(histogram.interval(atQuantile: 0.99) == nil)
        histogram.record(368)
        #expect(histogram.interval(atQuantile: 0.99)?.upper == 368)
    }

    @Test func `a million values are no trouble`() throws {
        var histogram = Histogram(precision: 16)
        for value in UInt64(1)...10_000 { histogram.record(value, times: 100) }
        let interval = try #require(histogram.interval(atQuantile: 0.99))
        #expect(interval.lower < 9900 && interval.lower > 9895)
        #expect(interval.upper >= 9900 && interval.upper < 9905)
    }
}

struct RankTestTests {
    @Test func `two samples of one distribution seldom differ`() throws {
        var generator = SeededGenerator(seed: 3)
        var significant = 0
        for _ in 0..<200 {
            var (a, b) = (Histogram(), Histogram())
            for _ in 0..<100 {
                a.record(UInt64.random(in: 0..<1000, using: &generator))
                b.record(UInt64.random(in: 0..<1000, using: &generator))
            }
            if try #require(RankTest(a, b)).pValue < 0.05 { significant += 1 }
        }
        // 5 % of 200 = 10; four standard deviations above that is 22.
        #expect(significant <= 22)
        #expect(significant >= 1)
    }

    @Test func `a shifted sample differs, and the effect has its direction`() throws {
        var (a, b) = (Histogram(), Histogram())
        for value in UInt64(0)..<100 {
            a.record(value)
            b.record(value + 40)
        }
        let test = try #require(RankTest(a, b))
        #expect(test.pValue < 1e-6)
        // Of 10,000 pairs, b wins 8,170 and 60 are ties.
        #expect(abs(test.superiority - 0.82) < 0.001)
        #expect(abs(try #require(RankTest(b, a)).superiority - 0.18) < 0.001)
    }

    @Test func `too few values are not compared, and all ties do not differ`() throws {
        var (a, b) = (Histogram(), Histogram())
        a.record(5, times: 7)
        b.record(5, times: 8)
        #expect(RankTest(a, b) == nil)
        a.record(5)
        #expect(try #require(RankTest(a, b)).pValue == 1)
        #expect(RankTest(a, Histogram(precision: 8)) == nil)
    }
}
