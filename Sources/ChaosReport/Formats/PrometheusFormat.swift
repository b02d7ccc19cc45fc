internal import ChaosModel
internal import ChaosVerdict

extension ReportFormat {
    /// For the textfile collector of the node exporter.
    package static let prometheus = ReportFormat(
        name: "prometheus",
        summary: "Metrics of the run as Prometheus text, for a textfile collector.",
        fileExtension: "prom",
        mediaType: "text/plain; version=0.0.4; charset=utf-8"
    ) { report in
        Array(PrometheusText(report.verdict).text.utf8)
    }
}

/// The figures of a verdict in Prometheus' text format, version 0.0.4.
struct PrometheusText {
    private(set) var text = ""
    private let experiment: (String, String)

    init(_ verdict: Verdict) {
        experiment = ("experiment", verdict.run.title)
        writeRun(verdict)
        writeFaults(verdict.faults)
        writeLoad(verdict.load)
        writePromises(verdict)
    }

    private mutating func writeRun(_ verdict: Verdict) {
        family("chaos_run_outcome", "1 for the outcome that the run had, 0 for the others.")
        for outcome in Verdict.Outcome.allCases {
            let value = outcome == verdict.outcome ? 1.0 : 0
            sample("chaos_run_outcome", [("outcome", outcome.rawValue)], value)
        }
        family("chaos_run_exit_status", "The exit status of the run.")
        sample("chaos_run_exit_status", [], Double(verdict.exitStatus))
        family("chaos_run_duration_seconds", "How long the run took.")
        sample("chaos_run_duration_seconds", [], verdict.run.duration)
        if let start = verdict.run.startedAt {
            family("chaos_run_start_timestamp_seconds", "When the run began, in Unix time.")
            sample("chaos_run_start_timestamp_seconds", [], Double(start.microseconds) / 1e6)
        }
        if let recovery = verdict.recovery?.measured {
            family("chaos_run_recovery_seconds", "From the last undo to the steady state.")
            sample("chaos_run_recovery_seconds", [], recovery)
        }
    }

    private mutating func writeFaults(_ faults: [FaultRow]) {
        guard !faults.isEmpty else { return }
        let labels = { (fault: FaultRow) in
            [("fault", fault.function), ("target", fault.target), ("id", fault.faultID)]
        }
        family("chaos_fault_hits", "How often a fault happened, as it proved.")
        for fault in faults {
            if let hits = fault.hits { sample("chaos_fault_hits", labels(fault), Double(hits)) }
        }
        family("chaos_fault_seconds", "How long a fault was in effect.")
        for fault in faults {
            guard let start = fault.injectedAt, let end = fault.undoneAt else { continue }
            sample("chaos_fault_seconds", labels(fault), end - start)
        }
        family("chaos_fault_proven", "Whether a fault proved that it happened.")
        for fault in faults {
            sample("chaos_fault_proven", labels(fault), fault.proof == .proven ? 1 : 0)
        }
        family("chaos_fault_undone", "Whether a fault is undone, or never needed to be.")
        for fault in faults {
            let isUndone = fault.undo == .undone || fault.undo == .notNeeded
            sample("chaos_fault_undone", labels(fault), isUndone ? 1 : 0)
        }
    }

    private mutating func writeLoad(_ load: [LoadSummary]) {
        guard !load.isEmpty else { return }
        let labels = { (row: LoadSummary) in
            [("operation", row.operation), ("window", row.window.rawValue)]
        }
        family("chaos_load_operations", "Operations of the load by how they ended.")
        for row in load {
            let ends = [
                ("ok", row.ok), ("fail", row.fail), ("unknown", row.info + row.pending),
            ]
            for (end, count) in ends {
                sample("chaos_load_operations", labels(row) + [("end", end)], Double(count))
            }
        }
        family("chaos_load_latency_seconds", "Latencies from the planned start, by quantile.")
        for row in load {
            for (quantile, value) in [("0.5", row.p50), ("0.99", row.p99), ("1", row.max)] {
                guard let value else { continue }
                let all = labels(row) + [("quantile", quantile)]
                sample("chaos_load_latency_seconds", all, value / 1000)
            }
        }
    }

    private mutating func writePromises(_ verdict: Verdict) {
        let probes = verdict.hypothesis.rows.compactMap { row in row.met.map { (row.name, $0) } }
        if !probes.isEmpty {
            family("chaos_probe_met", "Whether a probe of the hypothesis was within tolerance.")
            for (name, met) in probes { sample("chaos_probe_met", [("probe", name)], met ? 1 : 0) }
        }
        let invariants = verdict.invariants.filter { $0.holds != nil }
        guard !invariants.isEmpty else { return }
        family("chaos_invariant_violations", "Violations of an invariant.")
        for row in invariants {
            let labels = [("invariant", row.name)]
            sample("chaos_invariant_violations", labels, Double(row.violations))
        }
    }

    private mutating func family(_ name: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    }

    private mutating func sample(
        _ name: String,
        _ labels: [(String, String)],
        _ value: Double
    ) {
        let pairs = ([experiment] + labels).map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
        text += "\(name){\(pairs.joined(separator: ","))} \(value)\n"
    }

    /// A label's value: backslash, quote and line feed are escaped.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
