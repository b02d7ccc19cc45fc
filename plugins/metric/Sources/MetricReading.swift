import ChaosModel
import ChaosPluginAPI
import JSON

/// What every metric probe needs: the source, the phase, the operation, and enough observations.
struct MetricReading {
    let source: any MetricSource
    let phase: ProbePhase
    let operation: String
    let counts: OperationCounts

    /// Errors: no load runs, no phase is under way, no operation is named, or too few of them
    /// ended.
    init(_ context: StepContext) throws {
        guard let source = context.metrics else {
            throw MetricError(
                "there is no load to measure — the experiment has no \"load\". Add one."
            )
        }
        guard let phase = context.phase else {
            throw MetricError(
                "figures belong to a phase — this probe stands in the method."
                    + " Put it into the steady-state hypothesis."
            )
        }
        guard let operation = context.arguments["operation"]?.stringValue else {
            throw MetricError("no operation is named — argument operation. Use \"placement\".")
        }
        let counts = source.counts(operation: operation, phase: phase)
        let ended = counts.ok + counts.fail + counts.info
        let minimum = Int(context.arguments["observations-minimum"]?.integerValue ?? 20)
        guard ended >= minimum else {
            throw MetricError(
                "too few observations: \(ended) of \(minimum) — \(operation), phase"
                    + " \(phase.rawValue). Lengthen the phase, raise the load's rate, or lower"
                    + " observations-minimum."
            )
        }
        self.source = source
        self.phase = phase
        self.operation = operation
        self.counts = counts
    }

    var ended: Int { counts.ok + counts.fail + counts.info }
}

/// Successes per ended operation; *unknown* counts as no success.
struct SuccessRatioProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        let reading = try MetricReading(context)
        return .number(Double(reading.counts.ok) / Double(reading.ended))
    }
}

/// A quantile in milliseconds, from the planned start.
struct LatencyProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        let reading = try MetricReading(context)
        let quantile = context.arguments["quantile"]?.doubleValue ?? 0.99
        let latency = reading.source.latencyMilliseconds(
            operation: reading.operation,
            quantile: quantile,
            phase: reading.phase
        )
        guard let latency else {
            throw MetricError("no latency was counted — \(reading.operation), this phase.")
        }
        return .number(latency)
    }
}

/// Successes per second of the phase so far.
struct ThroughputProbe: Probe {
    func read(_ context: StepContext) async throws -> JSONValue {
        let reading = try MetricReading(context)
        let elapsed = reading.source.elapsed(phase: reading.phase) / .seconds(1)
        guard elapsed > 0 else {
            throw MetricError("the phase \(reading.phase.rawValue) has only just begun.")
        }
        return .number(Double(reading.counts.ok) / elapsed)
    }
}
