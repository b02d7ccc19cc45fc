import ChaosModel
import Testing

@testable import ChaosLoad

@Suite struct ArrivalScheduleTests {
    private func arrivals(
        _ count: Int,
        rate: Double,
        _ kind: LoadProfile.Arrivals,
        seed: UInt64 = 1
    ) -> [Int64] {
        var schedule = ArrivalSchedule(ratePerSecond: rate, kind: kind, seed: seed)
        return (0..<count).map { _ in schedule.next() }
    }

    @Test func `constant arrivals are evenly spaced and do not drift`() {
        #expect(
            arrivals(4, rate: 100, .constant) == [10_000_000, 20_000_000, 30_000_000, 40_000_000]
        )
        // A third of a second is no whole number of nanoseconds: an error would add up.
        #expect(arrivals(300_000, rate: 3, .constant).last == 100_000_000_000_000)
    }

    @Test func `the same seed plans the same Poisson arrivals, another seed others`() {
        let first = arrivals(1000, rate: 50, .poisson, seed: 7)
        #expect(first == arrivals(1000, rate: 50, .poisson, seed: 7))
        #expect(first != arrivals(1000, rate: 50, .poisson, seed: 8))
    }

    @Test func `constant arrivals do not depend on the seed`() {
        #expect(
            arrivals(50, rate: 7, .constant, seed: 1) == arrivals(50, rate: 7, .constant, seed: 2)
        )
    }

    /// The figures of an exponential distribution; the bounds are five standard errors wide.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `gaps of Poisson arrivals are exponential`(_ seed: UInt64) throws {
        let count = 100_000
        let rate = 200.0
        let planned = arrivals(count, rate: rate, .poisson, seed: seed)
        let gaps = zip(planned.dropFirst(), planned).map { Double($0 - $1) / 1e9 * rate }
        #expect(gaps.allSatisfy { $0 >= 0 })
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        #expect(abs(mean - 1) < 5 / Double(count).squareRoot())
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(abs(variance - 1) < 5 * (8 / Double(count)).squareRoot())
        // e⁻¹ of the gaps are longer than the mean.
        let share = Double(gaps.count { $0 > 1 }) / Double(gaps.count)
        #expect(abs(share - 0.367_879) < 5 * (0.2325 / Double(count)).squareRoot())
    }

    @Test func `SplitMix64 gives the numbers of its authors`() {
        var generator = SplitMix64(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ]
        )
    }

    @Test func `streams of one seed differ, and each is repeatable`() {
        func numbers(_ seed: UInt64, _ stream: UInt64) -> [UInt64] {
            var generator = Xoshiro256(seed: seed, stream: stream)
            return (0..<8).map { _ in generator.next() }
        }
        let all = (0..<100).map { numbers(5, $0) } + (0..<100).map { numbers(6, $0) }
        #expect(Set(all).count == 200)
        #expect(numbers(5, 3) == all[3])
    }

    @Test func `unit numbers lie from 0 to below 1 and fill the range`() {
        var generator = Xoshiro256(seed: 9)
        let numbers = (0..<10_000).map { _ in generator.unit() }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        let tenths = Dictionary(grouping: numbers) { Int($0 * 10) }
        #expect(tenths.count == 10)
        #expect(tenths.values.allSatisfy { (850...1150).contains($0.count) })
    }

    @Test func `pauses grow, stay within their bounds and obey the server`() {
        var backoff = Backoff()
        var random = Xoshiro256(seed: 3)
        var bound = Backoff.first
        for _ in 0..<12 {
            let pause = backoff.pause(retryAfter: nil, &random)
            #expect((bound / 2...bound).contains(pause))
            bound = min(Backoff.longest, bound * 2)
        }
        #expect(bound == Backoff.longest)
        #expect(backoff.pause(retryAfter: 7, &random) == 7)
    }
}
