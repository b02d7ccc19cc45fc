import ChaosPluginAPI
import ChaosStatistics

/// What became of one kind of operation in one phase.
struct Tally: Sendable {
    var counts = OperationCounts()
    /// Microseconds from the planned start, of all that ended, however they ended.
    var latencies = Histogram()

    var planned: Int { counts.ok + counts.fail + counts.info + counts.pending }

    /// `latency` in microseconds; `nil` for an operation that was never begun.
    mutating func end(_ kind: OperationEnd.Kind, latency: UInt64?) {
        counts.pending -= 1
        switch kind {
        case .ok: counts.ok += 1
        case .fail: counts.fail += 1
        case .info: counts.info += 1
        }
        if let latency { latencies.record(latency) }
    }
}
