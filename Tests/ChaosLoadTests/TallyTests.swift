import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import ChaosStatistics
import Testing

@testable import ChaosLoad

/// What is counted, by phase and by second; pure values.
@Suite struct TallyTests {
    private let ms: Int64 = 1_000_000

    @Test func `a moment belongs to the phase that had begun by then`() {
        var book = PhaseBook()
        #expect(book.phase(at: 5) == nil)
        book.begin(.before, at: 10)
        book.begin(nil, at: 20)
        book.begin(.during, at: 30)
        #expect(
            [9, 10, 19, 20, 29, 30, 99].map { book.phase(at: $0) }
                == [nil, .before, .before, nil, nil, .during, .during]
        )
    }

    @Test func `a phase that comes back lasts as long as all its parts`() {
        var book = PhaseBook()
        book.begin(.during, at: 0)
        book.begin(nil, at: 10)
        book.begin(.during, at: 50)
        #expect(book.elapsed(.during, now: 70) == 30)
        #expect(book.elapsed(.before, now: 70) == 0)
        // A clock that seems to go back does not make a phase begin before its predecessor.
        book.begin(.after, at: 40)
        #expect(book.elapsed(.during, now: 70) == 10)
    }

    @Test func `an operation counts in the phase in which it was planned, whenever it ends`() throws
    {
        var tallies = LoadTallies(runStart: 0)
        tallies.phases.begin(.before, at: 0)
        let phase = tallies.begin(["get"], planned: 5 * ms, lag: 0)
        tallies.phases.begin(.during, at: 10 * ms)
        #expect(tallies.tally("get", .before)?.counts.pending == 1)
        tallies.end("get", .ok, phase: phase, planned: 5 * ms, latency: 20 * ms)
        let tally = try #require(tallies.tally("get", .before))
        #expect(tally.counts.ok == 1 && tally.counts.pending == 0)
        #expect(tally.latencies.max == 20_000)
        #expect(tallies.tally("get", .during) == nil)
    }

    @Test func `the total has all phases and what belongs to none`() {
        var tallies = LoadTallies(runStart: 0)
        var ends: [(ProbePhase?, Int64)] = []
        for (at, phase) in [(0, nil), (10, .before), (20, .during)] as [(Int64, ProbePhase?)] {
            tallies.phases.begin(phase, at: at)
            ends.append((tallies.begin(["get"], planned: at, lag: 0), at))
        }
        for (index, end) in ends.enumerated() {
            let kind: OperationEnd.Kind = [.ok, .fail, .info][index]
            tallies.end("get", kind, phase: end.0, planned: end.1, latency: index == 2 ? nil : ms)
        }
        let total = tallies.total("get")
        #expect(total.planned == 3)
        #expect(total.counts.ok == 1 && total.counts.fail == 1 && total.counts.info == 1)
        #expect(total.latencies.count == 2)
    }

    @Test func `a second is reported when it is over and everything in it has ended`() {
        var tallies = LoadTallies(runStart: 0)
        let second: Int64 = 1_000_000_000
        for planned in [100 * ms, 200 * ms, second + 100 * ms] {
            _ = tallies.begin(["get"], planned: planned, lag: 3 * ms)
        }
        func end(_ planned: Int64, _ latency: Int64) {
            tallies.end("get", .ok, phase: nil, planned: planned, latency: latency)
        }
        end(100 * ms, 10 * ms)
        #expect(tallies.takeSeconds(before: 5 * second).isEmpty)
        end(200 * ms, 30 * ms)
        #expect(tallies.takeSeconds(before: 500 * ms).isEmpty)
        let first = tallies.takeSeconds(before: second)
        #expect(first.map(\.second) == [0])
        #expect(first.first?.planned == 2 && first.first?.ok == 2)
        #expect(first.first?.p50 == 10 && first.first?.max == 30 && first.first?.lag == 3)
        // Taken once; what is pending comes at the end, without a latency.
        #expect(tallies.takeSeconds(before: second).isEmpty)
        let last = tallies.takeSeconds(before: second, evenPending: true)
        #expect(last.map(\.second) == [1])
        #expect(last.first?.planned == 1 && last.first?.ok == 0 && last.first?.p50 == nil)
    }

    @Test func `seconds before the run's start are below zero`() {
        var tallies = LoadTallies(runStart: 1_000_000_000)
        _ = tallies.begin(["get"], planned: 999 * ms, lag: 0)
        let taken = tallies.takeSeconds(before: 0, evenPending: true)
        #expect(taken.map(\.second) == [-1])
    }

    @Test func `the report says whether the generator kept its plan, in a table`() {
        var counts = OperationCounts()
        (counts.ok, counts.fail, counts.info) = (1190, 8, 2)
        var report = LoadReport(
            operations: [
                .init(
                    name: "placement",
                    planned: 1200,
                    counts: counts,
                    p50: 4.25,
                    p90: 8,
                    p99: 20.04,
                    p999: 150,
                    max: 1234.56
                ),
                .init(name: "checkout", planned: 0, counts: OperationCounts()),
            ],
            lagP50: 0.04,
            lagP99: 9.96,
            lagMax: 30,
            saturated: 0
        )
        #expect(
            report.lines == [
                "operation     planned       ok     fail     info   p50 ms      p90      p99    "
                    + "p99.9      max",
                "placement        1200     1190        8        2      4.3      8.0     20.0    "
                    + "150.0   1234.6",
                "checkout            0        0        0        0        -        -        -    "
                    + "    -        -",
                "generator lag: p50 0.0 ms, p99 10.0 ms, max 30.0 ms; saturated: 0",
            ]
        )
        #expect(report.isSound)
        report.lagP99 = 10.1
        #expect(!report.isSound)
        report.lagP99 = 1
        report.saturated = 1
        #expect(!report.isSound)
    }
}
