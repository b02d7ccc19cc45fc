import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import ChaosStatistics

/// Everything that is counted: by operation and phase, and by operation and second.
struct LoadTallies: Sendable {
    private struct Key: Hashable {
        var operation: String
        var phase: ProbePhase?
    }

    private struct SecondKey: Hashable {
        var second: Int
        var operation: String
    }

    var phases = PhaseBook()
    private var tallies: [Key: Tally] = [:]
    private var seconds: [SecondKey: SecondTally] = [:]
    private let runStart: Int64
    /// Microseconds by which the generator itself was late.
    private(set) var lags = Histogram()
    /// Arrivals that the generator could not carry.
    private(set) var saturated = 0

    init(runStart: Int64) {
        self.runStart = runStart
    }

    /// An arrival was due: `planned` decides its phase and second; returns its phase for `end`.
    mutating func begin(_ operations: [String], planned: Int64, lag: Int64) -> ProbePhase? {
        let phase = phases.phase(at: planned)
        let late = UInt64(max(0, lag) / 1000)
        lags.record(late)
        for operation in operations {
            tallies[Key(operation: operation, phase: phase), default: Tally()].counts.pending += 1
            seconds[secondKey(operation, planned), default: SecondTally()].begin(lag: late)
        }
        return phase
    }

    /// An operation ended; `latency` in nanoseconds, `nil` when it was never begun.
    mutating func end(
        _ operation: String,
        _ kind: OperationEnd.Kind,
        phase: ProbePhase?,
        planned: Int64,
        latency: Int64?
    ) {
        let micros = latency.map { UInt64(max(0, $0) / 1000) }
        tallies[Key(operation: operation, phase: phase), default: Tally()]
            .end(kind, latency: micros)
        seconds[secondKey(operation, planned), default: SecondTally()].end(kind, latency: micros)
    }

    mutating func countSaturated() { saturated += 1 }

    func tally(_ operation: String, _ phase: ProbePhase) -> Tally? {
        tallies[Key(operation: operation, phase: phase)]
    }

    /// The names of what began, or ended, up to now.
    var operations: Set<String> { Set(tallies.keys.map(\.operation)) }

    /// All phases of an operation together, those outside of any phase included.
    func total(_ operation: String) -> Tally {
        var total = Tally()
        for (key, tally) in tallies where key.operation == operation {
            total.counts.ok += tally.counts.ok
            total.counts.fail += tally.counts.fail
            total.counts.info += tally.counts.info
            total.counts.pending += tally.counts.pending
            total.latencies.merge(tally.latencies)
        }
        return total
    }

    /// Takes out the seconds that are over and of which every operation has ended; all, if so
    /// wished.
    mutating func takeSeconds(before moment: Int64, evenPending: Bool = false) -> [LoadSecond] {
        let current = second(moment)
        let over = seconds.filter {
            evenPending || ($0.key.second < current && $0.value.pending == 0)
        }
        for key in over.keys { seconds[key] = nil }
        return over.map { $0.value.event(second: $0.key.second, operation: $0.key.operation) }
            .sorted { ($0.second, $0.operation) < ($1.second, $1.operation) }
    }

    private func secondKey(_ operation: String, _ planned: Int64) -> SecondKey {
        SecondKey(second: second(planned), operation: operation)
    }

    /// Whole seconds since the run started; rounded down also before it.
    private func second(_ moment: Int64) -> Int {
        Int(((Double(moment - runStart)) / 1e9).rounded(.down))
    }
}
