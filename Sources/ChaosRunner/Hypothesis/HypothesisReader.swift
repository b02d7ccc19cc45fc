import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import EventLoop
import JSON
import Synchronization

// Reading the hypothesis: when, which probes, and what is written down.
extension RunSession {
    /// How long one reading may take while the run goes on, and in the settled phase.
    static let readingDeadline = Duration.seconds(60)
    static let settledDeadline = Duration.seconds(1860)

    /// Whether the strategy reads the hypothesis in a phase; the settled readings carry the
    /// invariants and are left out by `skip` only.
    func judges(_ phase: ProbePhase) -> Bool {
        guard let hypothesis = plan.hypothesis else { return false }
        switch (hypothesis.strategy, phase) {
        case (.skip, _): return false
        case (_, .settled): return true
        case (.continuously, _), (.onFault, _): return true
        case (.standard, _): return phase != .during
        case (.beforeMethodOnly, _): return phase == .before
        case (.afterMethodOnly, _): return phase == .after
        case (.duringMethodOnly, _): return phase == .during
        }
    }

    /// Reads every probe of a phase in order and journals the readings that still count when made.
    @discardableResult
    func readHypothesis(
        _ phase: ProbePhase,
        whileTrue counts: @Sendable () -> Bool = { true }
    ) async -> [ProbeReading] {
        guard let hypothesis = plan.hypothesis, judges(phase) else { return [] }
        var readings: [ProbeReading] = []
        for probe in hypothesis.probes where probe.phases.contains(phase) {
            if Task.isCancelled { break }
            guard let reading = await read(probe, phase, whileTrue: counts) else { break }
            readings.append(reading)
        }
        return readings
    }

    /// The readings of the settled phase; ends early when the run is stopped.
    func readSettled() async throws {
        await readHypothesis(.settled)
        try Task.checkCancellation()
    }

    /// Reads one probe, judges it by its tolerance, and writes both down; `nil` when it counts no
    /// more.
    @discardableResult
    func read(
        _ planned: PlannedStep,
        _ phase: ProbePhase?,
        whileTrue counts: @Sendable () -> Bool = { true }
    ) async -> ProbeReading? {
        let start = Loop.monotonicNanoseconds()
        var reading = ProbeReading(
            phase: phase,
            step: planned.step.name,
            path: planned.step.path,
            output: .null,
            unit: planned.function.unit,
            tolerance: planned.step.tolerance?.text,
            isCumulative: planned.function.isCumulative
        )
        var invariants: [InvariantResult] = []
        do {
            let output = try await output(of: planned, phase)
            judge(output, by: planned, &reading)
            invariants = InvariantResult.all(in: output)
            reading.output = redactor.value(InvariantResult.summary(of: output))
        } catch {
            // Cut short by the end of the method or of the run: no reading was made.
            guard !Task.isCancelled else { return nil }
            reading.error = redactor.text("\(error)")
        }
        guard counts() else { return nil }
        reading.milliseconds = Double(Loop.monotonicNanoseconds() - start) / 1e6
        tell(reading, invariants)
        return reading
    }

    func output(of planned: PlannedStep, _ phase: ProbePhase?) async throws -> JSONValue {
        guard let probe = plugin(planned)?.probe(planned.function.name) else {
            throw RunnerError(
                .unknownFunction,
                "\(planned.step.provider.type) has no probe \(planned.function.name)"
                    + " — \(planned.step.path). See chaos plugin describe."
            )
        }
        let context = context(planned, phase)
        let limit = phase == .settled ? Self.settledDeadline : Self.readingDeadline
        return try await withDeadline(limit) { try await probe.read(context) }
    }

    private func judge(
        _ output: JSONValue,
        by planned: PlannedStep,
        _ reading: inout ProbeReading
    ) {
        guard let tolerance = planned.step.tolerance else { return }
        switch tolerance.evaluate(output, unit: planned.function.unit) {
        case .met: reading.met = true
        case .unmet: reading.met = false
        case .invalid(let reason): reading.error = redactor.text(reason)
        }
    }

    private func tell(_ reading: ProbeReading, _ invariants: [InvariantResult]) {
        for invariant in invariants {
            journal.write(.invariant(invariant))
            options.progress(.invariant(invariant))
        }
        journal.write(.probe(reading))
        options.progress(.probe(reading))
        guard let phase = reading.phase else { return }
        let figure = RunSnapshot.Figure(
            name: reading.step,
            value: reading.output,
            unit: reading.unit,
            met: reading.met
        )
        live.withLock { live in
            live.figures.removeAll { $0.name == figure.name }
            live.figures.append(figure)
            if phase != .before, reading.met == false { live.hasDeviated = true }
        }
    }
}

extension RunSession {
    func plugin(_ planned: PlannedStep) -> (any Plugin)? {
        options.plugins.first { $0.manifest.name == planned.step.provider.type }
    }

    /// With the values of configuration and secrets in the places of their names.
    private func resolved(_ object: JSONObject) -> JSONObject {
        guard !substitution.isEmpty else { return object }
        return substitution.apply(to: .object(object)).objectValue ?? object
    }

    /// What a step may know of the run at this moment.
    func context(_ planned: PlannedStep, _ phase: ProbePhase?) -> StepContext {
        var context = StepContext(
            runID: runID,
            arguments: resolved(planned.step.provider.arguments),
            provider: resolved(planned.step.provider.document),
            seed: planned.seed
        )
        context.target = planned.target
        context.phase = phase
        let (system, load) = live.withLock { ($0.system, $0.load) }
        context.system = system
        context.metrics = load?.metrics
        context.history = load == nil ? nil : book
        return context
    }
}
