import ChaosJournal
import Testing

@testable import ChaosRunner

/// Totals of a proxy become what was carried since the last look.
struct TrafficWatchTests {
    @Test func `the first look tells nothing, the next one the difference`() throws {
        var watch = TrafficWatch()
        #expect(watch.take(["a": LinkBytes(upstream: 10, downstream: 5)], at: 1) == nil)
        let next = [
            "a": LinkBytes(upstream: 30, downstream: 5), "b": LinkBytes(upstream: 0, downstream: 0),
        ]
        let sample = try #require(watch.take(next, at: 3))
        #expect(sample.seconds == 2)
        #expect(sample.links == [.init(name: "a", upstream: 20, downstream: 0)])
    }

    @Test func `a proxy that was made anew counts from 0`() throws {
        var watch = TrafficWatch()
        _ = watch.take(["a": LinkBytes(upstream: 100, downstream: 100)], at: 1)
        let sample = try #require(watch.take(["a": LinkBytes(upstream: 7, downstream: 100)], at: 2))
        #expect(sample.links == [.init(name: "a", upstream: 7, downstream: 0)])
    }
}
