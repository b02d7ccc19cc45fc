import ChaosJournal

/// The operations of one kind that were planned in one second; exact, since they are few.
struct SecondTally: Sendable {
    var planned = 0
    var pending = 0
    private var ok = 0
    private var fail = 0
    private var info = 0
    /// Microseconds.
    private var latencies: [UInt64] = []
    private var lags: [UInt64] = []

    mutating func begin(lag: UInt64) {
        planned += 1
        pending += 1
        lags.append(lag)
    }

    mutating func end(_ kind: OperationEnd.Kind, latency: UInt64?) {
        pending -= 1
        switch kind {
        case .ok: ok += 1
        case .fail: fail += 1
        case .info: info += 1
        }
        if let latency { latencies.append(latency) }
    }

    func event(second: Int, operation: String) -> LoadSecond {
        var event = LoadSecond(
            second: second,
            operation: operation,
            planned: planned,
            ok: ok,
            fail: fail,
            info: info,
            lag: Self.quantile(0.99, of: lags.sorted()) ?? 0
        )
        let sorted = latencies.sorted()
        event.p50 = Self.quantile(0.5, of: sorted)
        event.p90 = Self.quantile(0.9, of: sorted)
        event.p99 = Self.quantile(0.99, of: sorted)
        event.max = sorted.last.map { Double($0) / 1000 }
        return event
    }

    /// The smallest value that at least the share `q` does not exceed, in milliseconds.
    private static func quantile(_ q: Double, of sorted: [UInt64]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((q * Double(sorted.count)).rounded(.up))
        return Double(sorted[min(sorted.count, max(1, rank)) - 1]) / 1000
    }
}
