internal import ChaosJournal
internal import ChaosStatistics

/// Makes the summary of the load by window and operation.
struct LoadTable {
    private struct Key: Hashable {
        var window: LoadSummary.Window
        var operation: String
    }
    private struct Call: Hashable {
        var name: Int
        var arrival: Int
    }
    fileprivate struct Tally {
        var planned = 0
        var ok = 0
        var fail = 0
        var info = 0
        var latencies: [Double] = []
    }

    private let windows: LoadWindows
    private var names: [String] = []
    private var tallies: [Key: Tally] = [:]

    static func rows(_ facts: RunFacts, _ faults: [FaultRow]) -> [LoadSummary] {
        var table = LoadTable(windows: LoadWindows(facts, faults))
        if facts.operations.isEmpty {
            for second in facts.loadSeconds { table.take(second) }
        } else {
            table.take(facts.operations)
        }
        return table.names.flatMap { name in
            LoadSummary.Window.allCases.compactMap { table.summary($0, name) }
        }
    }

    private init(windows: LoadWindows) {
        self.windows = windows
    }

    /// An operation counts where it was invoked.
    private mutating func take(_ operations: OperationColumns) {
        var invoked: [Call: LoadSummary.Window?] = [:]
        for index in 0..<operations.count {
            let operation = operations[index]
            let name = operations.names[operation.name]
            let call = Call(name: operation.name, arrival: operation.arrival)
            if operation.kind == .invoke {
                let window = windows.window(at: operation.elapsed)
                invoked[call] = .some(window)
                add(name, window) { $0.planned += 1 }
            } else if let window = invoked.removeValue(forKey: call) {
                add(name, window) { $0.end(operation) }
            } else {
                add(name, windows.window(at: operation.elapsed)) {
                    $0.planned += 1
                    $0.end(operation)
                }
            }
        }
    }

    private mutating func take(_ second: LoadSecond) {
        add(second.operation, windows.window(at: Double(second.second) + 0.5)) {
            $0.planned += second.planned
            $0.ok += second.ok
            $0.fail += second.fail
            $0.info += second.info
        }
    }

    private mutating func add(
        _ operation: String,
        _ window: LoadSummary.Window?,
        _ change: (inout Tally) -> Void
    ) {
        if !names.contains(operation) { names.append(operation) }
        change(&tallies[Key(window: .total, operation: operation), default: Tally()])
        guard let window else { return }
        change(&tallies[Key(window: window, operation: operation), default: Tally()])
    }

    private func summary(_ window: LoadSummary.Window, _ operation: String) -> LoadSummary? {
        guard let tally = tallies[Key(window: window, operation: operation)] else { return nil }
        let sorted = tally.latencies.sorted()
        var summary = LoadSummary(
            window: window,
            operation: operation,
            planned: tally.planned,
            ok: tally.ok,
            fail: tally.fail,
            info: tally.info,
            p50: Self.quantile(0.5, of: sorted),
            p99: Self.quantile(0.99, of: sorted),
            max: sorted.last,
            latencies: tally.histogram
        )
        summary.againstBaseline = comparison(summary)
        return summary
    }

    private func comparison(_ summary: LoadSummary) -> RankTest? {
        guard summary.window == .during || summary.window == .after,
            let baseline = tallies[Key(window: .before, operation: summary.operation)]
        else { return nil }
        return RankTest(baseline.histogram, summary.latencies)
    }

    /// The smallest value that at least the share `q` of the values does not exceed (nearest rank).
    private static func quantile(_ q: Double, of sorted: [Double]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((q * Double(sorted.count)).rounded(.up))
        return sorted[Swift.min(sorted.count - 1, Swift.max(0, rank - 1))]
    }
}

extension LoadTable.Tally {
    /// The latencies in microseconds.
    fileprivate var histogram: Histogram {
        var histogram = Histogram()
        for latency in latencies {
            histogram.record(UInt64(Swift.max(0, Swift.min(latency * 1000, 1e15))))
        }
        return histogram
    }

    fileprivate mutating func end(_ operation: OperationColumns.Row) {
        switch operation.kind {
        case .ok: ok += 1
        case .fail: fail += 1
        case .info: info += 1
        case .invoke: break
        }
        if let latency = operation.latency { latencies.append(latency) }
    }
}

/// The windows of the load: the baseline, from the first injection to the last undo, the rest.
struct LoadWindows {
    private let before: Range<Double>
    private let during: Range<Double>
    private let after: Range<Double>

    init(_ facts: RunFacts, _ faults: [FaultRow]) {
        let end = facts.lastElapsed.nextUp
        let method = facts.phase(.method)
        let injections = faults.compactMap(\.injectedAt)
        let start = injections.min() ?? method?.start ?? end
        let isUndone = faults.allSatisfy { $0.injectedAt == nil || $0.undoneAt != nil }
        let undo = isUndone ? faults.compactMap(\.undoneAt).max() : nil
        let stop = Swift.max(start, injections.isEmpty ? method?.end ?? end : undo ?? end)
        let afterEnd = facts.phase(.settle)?.start ?? facts.phase(.recovery)?.end ?? end
        let first = facts.phase(.baseline)?.start ?? end
        before = first..<Swift.max(first, start)
        during = start..<stop
        after = stop..<Swift.max(stop, afterEnd)
    }

    func window(at elapsed: Double) -> LoadSummary.Window? {
        if during.contains(elapsed) { return .during }
        if before.contains(elapsed) { return .before }
        return after.contains(elapsed) ? .after : nil
    }
}

extension ObserverHealth {
    /// Looks at the seconds after the warm-up, all operations together.
    init(_ facts: RunFacts) {
        let start = (facts.phase(.baseline)?.start ?? 0).rounded(.down)
        var lags: [Int: Double] = [:]
        for second in facts.loadSeconds where Double(second.second) >= start {
            lags[second.second] = Swift.max(lags[second.second] ?? 0, second.lag)
        }
        self.init(
            lagWorst: lags.values.max() ?? 0,
            seconds: lags.count,
            secondsLate: lags.values.count { $0 > Self.lagMax }
        )
    }
}
