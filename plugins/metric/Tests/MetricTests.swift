import ChaosModel
import ChaosPluginAPI
import JSON
import Testing

@testable import FaultMetric

/// Figures as a load generator would have counted them.
private struct Counted: MetricSource {
    var ok = 0
    var fail = 0
    var info = 0
    var pending = 0
    var seconds = 10.0

    func latencyMilliseconds(operation: String, quantile: Double, phase: ProbePhase) -> Double? {
        ok > 0 ? quantile * 1000 : nil
    }

    func counts(operation: String, phase: ProbePhase) -> OperationCounts {
        guard operation == "placement", phase == .during else { return OperationCounts() }
        var counts = OperationCounts()
        (counts.ok, counts.fail, counts.info, counts.pending) = (ok, fail, info, pending)
        return counts
    }

    func elapsed(phase: ProbePhase) -> Duration { .seconds(seconds) }
}

@Suite struct MetricTests {
    private func value(
        _ function: String,
        _ source: Counted?,
        _ arguments: JSONObject = ["operation": "placement", "quantile": 0.99],
        phase: ProbePhase? = .during
    ) async throws -> JSONValue {
        let probe = try #require(try MetricPlugin().probe(function))
        var context = StepContext(runID: "r", arguments: arguments)
        context.metrics = source
        context.phase = phase
        return try await probe.read(context)
    }

    @Test func `the success ratio counts the unknown as no success and leaves out what is pending`()
        async throws
    {
        let source = Counted(ok: 90, fail: 5, info: 5, pending: 100)
        #expect(try await value("success-ratio", source) == 0.9)
    }

    @Test func `latency asks for the quantile and throughput divides by the phase's length`()
        async throws
    {
        let source = Counted(ok: 90, fail: 10, seconds: 20)
        #expect(try await value("latency", source) == 990.0)
        #expect(try await value("throughput", source) == 4.5)
    }

    @Test(arguments: ["success-ratio", "latency", "throughput"])
    func `too few observations give no figure`(function: String) async throws {
        let error = await #expect(throws: MetricError.self) {
            try await value(function, Counted(ok: 18, fail: 1, pending: 50))
        }
        #expect(error?.description.hasPrefix("too few observations: 19 of 20") == true)
        let arguments: JSONObject = [
            "operation": "placement", "quantile": 0.5, "observations-minimum": 19,
        ]
        _ = try await value(function, Counted(ok: 18, fail: 1), arguments)
    }

    @Test(arguments: ["success-ratio", "latency", "throughput"])
    func `without a load, a phase or an operation there is no figure`(function: String) async {
        let source = Counted(ok: 100)
        await #expect(throws: MetricError.self) { try await value(function, nil) }
        await #expect(throws: MetricError.self) { try await value(function, source, phase: nil) }
        await #expect(throws: MetricError.self) { try await value(function, source, [:]) }
        await #expect(throws: MetricError.self) {
            try await value(function, source, phase: .before)
        }
    }

    @Test func `the manifest says what the probes are`() throws {
        let manifest = try MetricPlugin().manifest
        #expect(manifest.functions.map(\.name) == ["success-ratio", "latency", "throughput"])
        #expect(manifest.functions.map(\.unit) == ["ratio", "ms", "/s"])
        let areCumulative = manifest.functions.allSatisfy(\.isCumulative)
        #expect(areCumulative)
    }
}
