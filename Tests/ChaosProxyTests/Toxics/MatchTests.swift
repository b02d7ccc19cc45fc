import JSON
import Testing

@testable import ChaosProxy

struct MatchTests {
    @Test
    func `every, nth and first hit exactly their occurrences`() {
        func hits(_ match: OccurrenceMatch) -> [Int] {
            (1...20).filter { match.hits(ordinal: $0, seed: 1) }
        }
        #expect(hits(.every(5)) == [5, 10, 15, 20])
        #expect(hits(.every(1)) == Array(1...20))
        #expect(hits(.nth(3)) == [3])
        #expect(hits(.first(2)) == [1, 2])
        #expect(hits(.percent(0)) == [])
        #expect(hits(.percent(100)) == Array(1...20))
    }

    @Test
    func `percent follows the seed and its share`() {
        func hits(_ seed: UInt64) -> [Int] {
            (1...10_000).filter { OccurrenceMatch.percent(10).hits(ordinal: $0, seed: seed) }
        }
        #expect(hits(1) == hits(1))
        #expect(hits(1) != hits(2))
        #expect((900...1_100).contains(hits(1).count))
    }

    @Test
    func `toxicity includes its share of connections, and the same ones with the same seed`() {
        var toxic = Toxic.sample(.latency)
        toxic.toxicity = 0.5
        func included(_ seed: UInt64) -> [UInt64] {
            (1...1_000).filter { toxic.includes(connection: $0, proxy: "p", seed: seed) }
        }
        #expect((430...570).contains(included(3).count))
        #expect(included(3) == included(3))
        #expect(included(3) != included(4))
        let before = included(3)
        toxic.revision += 1
        #expect(included(3) != before, "an update throws the dice anew")
        toxic.toxicity = 5
        #expect(included(3).count == 1_000)
        toxic.toxicity = 0
        #expect(included(3).isEmpty)
    }

    @Test
    func `the log of firings is bounded and tells the newest`() {
        let tally = ToxicTally()
        for _ in 0..<25_000 { tally.fire(wallMicroseconds: 1, connection: "c1", detail: [:]) }
        let kept = tally.firings(since: 0)
        #expect(kept.count <= ToxicTally.firingsMax)
        #expect(kept.last?.ordinal == 25_000)
        #expect(tally.firings(since: 24_998).map(\.ordinal) == [24_999, 25_000])
        #expect(tally.hits == 25_000)
    }
}
