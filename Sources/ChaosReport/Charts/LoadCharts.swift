internal import ChaosJournal
internal import ChaosModel
internal import JSON

/// The charts of one operation of the load.
struct LoadCharts {
    let facts: ReportFacts
    /// An index of `facts.load`.
    let index: Int

    private var operation: String { facts.load[index].operation }

    /// Latency, throughput and errors over the run.
    func load(_ frame: TimeFrame) -> LoadChart {
        LoadChart(frame: frame, series: series(frame), thresholds: thresholds)
    }

    /// Every call as a map; `nil` when the journal holds no single calls.
    func heat(_ frame: TimeFrame) -> HeatMapChart? {
        let calls = facts.report.operations
        guard let name = calls.names.firstIndex(of: operation),
            let range = HeatMap.range(calls, name: name)
        else { return nil }
        return HeatMapChart(
            frame: frame,
            series: series(frame),
            calls: calls,
            name: name,
            range: range
        )
    }

    private func series(_ frame: TimeFrame) -> LoadSeries {
        LoadSeries(
            operation: operation,
            facts.load[index].seconds,
            bucketsMax: frame.canvas.bucketsMax
        )
    }

    /// The upper bounds that the hypothesis sets on this operation's latency.
    private var thresholds: [(milliseconds: Double, text: String)] {
        let document = facts.started?.experiment["steady-state-hypothesis"]
        let probes = document?["probes"]?.arrayValue ?? []
        return probes.compactMap { probe in
            let provider = probe["provider"]
            guard provider?["type"] == "metric", provider?["func"] == "latency",
                provider?["arguments"]?["operation"]?.stringValue == operation,
                let text = probe["tolerance"]?["at-most"]?.stringValue,
                let limit = try? Duration(parsing: text)
            else { return nil }
            let name = probe["name"]?.stringValue ?? "latency"
            return (limit / .milliseconds(1), "\(name) at most \(text)")
        }
    }
}
