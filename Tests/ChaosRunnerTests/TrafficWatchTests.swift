import ChaosJournal
import Testing

@testable import ChaosRunner

/// Totals of a proxy become what was carried since the last look.
struct TrafficWatchTests {
    @Test func `the first look tells nothing, the next one the difference`() throws {
        var watch = TrafficWatch()
        let first = watch.take(["a": LinkBytes(upstream: 10, downstream: 5)], at: 1)
        #expect(first == nil)
        let next = [
            "a": LinkBytes(upstream: 30, downstream: 5), "b": LinkBytes(upstream: 0, downstream: 0),
        ]
        let second = watch.take(next, at: 3)
        let sample = try #require(second)
        #expect(sample.seconds == 2)
        #expect(sample.links == [.init(name: "a", upstream: 20, downstream: 0)])
    }

    @Test func `a proxy that was made anew counts from 0`() throws {
        var watch = TrafficWatch()
        _ = watch.take(["a": LinkBytes(upstream: 100, downstream: 100)], at: 1)
        let second = watch.take(["a": LinkBytes(upstream: 7, downstream: 100)], at: 2)
        let sample = try #require(second)
        #expect(sample.links == [.init(name: "a", upstream: 7, downstream: 0)])
    }
}
