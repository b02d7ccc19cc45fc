internal import ChaosJournal
internal import ChaosModel
internal import JSON

/// A journal read once: its events sorted into what the rules look at.
struct RunFacts {
    struct Timed<Value> {
        var elapsed: Double
        var value: Value
    }

    private(set) var started: RunStarted?
    private(set) var startedAt: Timestamp?
    private(set) var ended: RunEnded?
    private(set) var lastElapsed = 0.0
    private(set) var lastAt: Timestamp?
    private(set) var abortReason: String?
    private(set) var phases: [PhaseWindow] = []
    private(set) var readings: [Timed<ProbeReading>] = []
    private(set) var transitions: [Timed<FaultTransition>] = []
    private(set) var firings: [FaultFiring] = []
    private(set) var actions: [ActionOutcome] = []
    private(set) var invariants: [Timed<InvariantResult>] = []
    private(set) var operations = OperationColumns()
    private(set) var loadSeconds: [LoadSecond] = []
    private(set) var host: HostComparison?

    /// The experiment as it was run.
    var experiment: JSONValue { started?.experiment ?? .null }

    /// Whether the run did everything that it was meant to do.
    var isComplete: Bool { ended?.reason == .completed }

    func phase(_ phase: PhaseChange.Phase) -> PhaseWindow? {
        phases.first { $0.phase == phase }
    }

    mutating func take(_ event: JournalEvent) {
        lastElapsed = Swift.max(lastElapsed, event.elapsed)
        closeLastPhase(at: lastElapsed)
        lastAt = event.at
        switch event.payload {
        case .runStarted(let start):
            started = start
            startedAt = event.at
        case .phase(let change): begin(change.phase, at: event.elapsed)
        case .probe(let reading): readings.append(Timed(elapsed: event.elapsed, value: reading))
        case .action(let outcome): actions.append(outcome)
        case .fault(let transition):
            transitions.append(Timed(elapsed: event.elapsed, value: transition))
        case .firing(let firing): firings.append(firing)
        case .operation(let operation):
            operations.append(operation, at: event.elapsed)
        case .load(let second): loadSeconds.append(second)
        case .invariant(let result):
            invariants.append(Timed(elapsed: event.elapsed, value: result))
        case .abort(let reason): abortReason = abortReason ?? reason
        case .hostCompared(let comparison): host = comparison
        case .runEnded(let end): ended = end
        case .system, .traffic, .note: break
        }
    }

    private mutating func begin(_ phase: PhaseChange.Phase, at elapsed: Double) {
        closeLastPhase(at: elapsed)
        phases.append(PhaseWindow(phase: phase, start: elapsed, end: elapsed))
    }

    private mutating func closeLastPhase(at elapsed: Double) {
        guard let last = phases.indices.last else { return }
        phases[last].end = Swift.max(phases[last].start, elapsed)
    }
}
