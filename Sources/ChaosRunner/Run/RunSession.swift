import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import EventLoop
import JSON
import Synchronization

/// One run: what is fixed from its beginning, and what changes on the way.
final class RunSession: Sendable {
    let runID: String
    let plan: Plan
    let values: Values
    let directory: RunDirectory
    let options: ExperimentRunner.Options
    let journal: JournalWriter
    let stop: StopSwitch
    let loop: Loop
    let book = ReplyBook()
    let redactor: Redactor
    var substitution: Substitution { values.substitution }
    let live = Mutex(Live())

    /// What changes while the run goes on.
    struct Live {
        var phase = PhaseChange.Phase.start
        var probePhase: ProbePhase?
        var system: SystemDescription?
        var load: RunningLoad?
        var lease: GuardianLease?
        var inEffect: [RunSnapshot.FaultInEffect] = []
        /// The faults that are certainly in effect: injected, and their undo has not begun.
        var certain: Set<String> = []
        /// Counts the changes between "some fault is certainly in effect" and "none is".
        var certainty = 0
        /// Fault steps of the method that have not ended yet.
        var faultsToCome = 0
        var faultsBegun = 0
        var figures: [RunSnapshot.Figure] = []
        /// Whether a probe was unmet while or after the method ran.
        var hasDeviated = false
        /// The machine before the method; `nil` when there is nothing to compare.
        var host: HostState?
        /// Monotonic nanoseconds of the last undo.
        var lastUndo: Int64?
    }

    init(
        runID: String,
        plan: Plan,
        values: Values,
        directory: RunDirectory,
        options: ExperimentRunner.Options,
        journal: JournalWriter,
        stop: StopSwitch,
        loop: Loop
    ) {
        self.runID = runID
        self.plan = plan
        self.values = values
        self.directory = directory
        self.options = options
        self.journal = journal
        self.stop = stop
        self.loop = loop
        redactor = Redactor(document: values.document, resolved: values.secrets)
    }

    /// Carries the run through its stages and says how it ended.
    func run() async -> RunOutcome {
        journal.writeDurably(.runStarted(started))
        let helpers = startHelpers()
        var stages = RunStages()
        while stages.stage != .ended {
            enter(stages.stage)
            let event = await carryOut(stages.stage)
            _ = stages.advance(event)
        }
        for helper in helpers { helper.cancel() }
        return await finish(stages)
    }

    private var started: RunStarted {
        RunStarted(
            runID: runID,
            file: plan.file,
            experiment: redactor.document(values.document),
            seed: plan.seed,
            toolVersion: options.toolVersion,
            mutants: options.mutants,
            environment: options.environment,
            plan: plan.lines
        )
    }

    /// Tasks beside the stages, owned by `run`, which cancels them.
    private func startHelpers() -> [Task<Void, any Error>] {
        var helpers = [
            loop.spawn { try await self.journal.keepFlushing(on: self.loop) },
            loop.spawn { try await self.keepTelling() },
            loop.spawn { try await self.heedLever() },
        ]
        if let source = options.traffic {
            helpers.append(loop.spawn { try await self.watchTraffic(source) })
        }
        if let signals = options.signals {
            helpers.append(loop.spawn { await self.heed(signals) })
        }
        return helpers
    }

    private func enter(_ stage: RunStages.Stage) {
        guard let phase = RunStages.phase(of: stage) else { return }
        live.withLock { $0.phase = phase }
        journal.write(.phase(PhaseChange(phase)))
        options.progress(.phase(phase))
    }

    /// Performs a stage and says what ended it; the ways out are not cut short by what made them.
    private func carryOut(_ stage: RunStages.Stage) async -> RunStages.Event {
        let task = loop.spawn { try await self.perform(stage) }
        do {
            switch stage {
            case .drain, .rollbacks: return try await task.value
            default:
                let event = try await stop.whileStoppable(task)
                return stop.reason.map { .stop($0.kind, $0.detail) } ?? event
            }
        } catch {
            if let reason = stop.reason { return .stop(reason.kind, reason.detail) }
            let text = redactor.text("\(error)")
            note("\(stage.rawValue): \(text)")
            return .stop(.failed, text)
        }
    }
}

extension RunSession {
    /// The first signal ends the run in order, the second does not wait for it.
    private func heed(_ signals: AsyncStream<Int32>) async {
        var count = 0
        for await signal in signals {
            count += 1
            let name = signal == 2 ? "SIGINT" : signal == 15 ? "SIGTERM" : "signal \(signal)"
            if count > 1 { options.giveUp("chaos recover") }
            stopRun(.interrupted, name)
        }
    }

    /// Asks for the end of the run; the first reason counts.
    func stopRun(_ kind: RunEnded.Reason, _ detail: String) {
        let text = redactor.text(detail)
        guard stop.stop(kind, text) else { return }
        if kind == .aborted { journal.writeDurably(.abort(reason: text)) }
        options.progress(.stopping(kind, text))
    }

    func note(_ text: String) {
        journal.write(.note(text))
        options.progress(.note(text))
    }

    private func keepTelling() async throws {
        while true {
            try await loop.sleep(for: .seconds(1))
            options.progress(.snapshot(snapshot))
        }
    }

    private var snapshot: RunSnapshot {
        live.withLock { live in
            RunSnapshot(
                elapsed: journal.elapsed,
                phase: live.phase,
                inEffect: live.inEffect,
                figures: live.figures
            )
        }
    }

    /// Writes the last words, lets the guardian go when nothing is left, and stops the system.
    private func finish(_ stages: RunStages) async -> RunOutcome {
        enter(.ended)
        await compareHost()
        let left = (try? options.ledger.account(of: runID).entries) ?? []
        var detail = stages.detail
        if !left.isEmpty {
            detail = "\(left.count) faults could not be undone. Run: chaos recover"
        }
        journal.writeDurably(.runEnded(RunEnded(reason: stages.reason, detail: detail)))
        journal.close()
        let (lease, hadSystem) = live.withLock { ($0.lease, $0.system != nil) }
        if left.isEmpty {
            await lease?.release()
            try? options.ledger.close(runID: runID)
        } else {
            // The guardian takes this for a loss and tries once more.
            await lease?.abandon()
        }
        await options.system?.stop()
        return RunOutcome(
            runID: runID,
            directory: directory.path,
            journal: directory.journal,
            reason: stages.reason,
            detail: detail,
            left: left,
            hadSystem: hadSystem
        )
    }
}
