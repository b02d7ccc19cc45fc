import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import EventLoop
import JSON
import Synchronization

// What happens in each stage.
extension RunSession {
    func perform(_ stage: RunStages.Stage) async throws -> RunStages.Event {
        switch stage {
        case .start: try await start()
        case .warmUp: try await warmUp()
        case .baseline: return try await baseline()
        case .method: try await method()
        case .recovery: try await recovery()
        case .drain: await drain()
        case .rollbacks: await rollbacks()
        case .settle: try await readSettled()
        case .ended: break
        }
        return .done
    }

    /// The guardian comes first: from now on somebody can clean up behind us.
    private func start() async throws {
        try checkFunctions()
        let lease = try await GuardianLease.start(
            command: options.guardian,
            runID: runID,
            log: "\(directory.path)/guardian.log",
            loop: loop
        ) { why in
            self.stopRun(.failed, why)
        }
        live.withLock { live in
            live.lease = lease
            live.faultsToCome = plan.steps.count { $0.function.kind == .fault }
        }
        guard let provider = options.system else { return }
        let system = try await provider.start(runID: runID) { self.note($0) }
        live.withLock { $0.system = system }
        journal.write(.system(system))
    }

    private func checkFunctions() throws {
        let steps = plan.steps + plan.rollbacks + (plan.hypothesis?.probes ?? [])
        for step in steps where plugin(step) == nil {
            throw RunnerError(
                .unknownFunction,
                "there is no plugin \(step.step.provider.type) — \(step.step.path)."
                    + " See chaos plugin list."
            )
        }
    }

    private func warmUp() async throws {
        guard let profile = plan.load else { return }
        let running = try RunningLoad.start(profile, self)
        live.withLock { $0.load = running }
        try await loop.sleep(for: profile.warmUp)
    }

    /// The undisturbed figures, then the gate: a system that is not in its steady state is not
    /// tested.
    private func baseline() async throws -> RunStages.Event {
        enterLoad(.before)
        if let profile = plan.load { try await loop.sleep(for: profile.baseline) }
        let readings = await readHypothesis(.before)
        let failing = readings.filter { $0.met != true }
        guard let first = failing.first else { return .done }
        let why = first.error.map { ": \($0)" } ?? ""
        return .gateClosed(
            "the steady state was not met before the method (\(first.step)\(why));"
                + " nothing was injected"
        )
    }

    private func method() async throws {
        await readHostBefore()
        if plan.steps.allSatisfy({ $0.function.kind != .fault }) { enterLoad(.during) }
        // Owned by this call, which cancels them.
        let helpers = startSampling() + startAbortWatches()
        defer { for helper in helpers { helper.cancel() } }
        try await performMethod()
        enterLoad(.after)
    }

    /// First the load's quiet time, then readings until all are met or the time to recover is over.
    private func recovery() async throws {
        let start = live.withLock { $0.lastUndo } ?? Loop.monotonicNanoseconds()
        if let profile = plan.load { try await loop.sleep(for: profile.after) }
        guard let hypothesis = plan.hypothesis, judges(.after) else { return }
        let limit = start + (hypothesis.recoversWithin ?? .zero).nanosecondsClamped
        while true {
            let readings = await readHypothesis(.after)
            let isMet = readings.allSatisfy { $0.met == true }
            guard !isMet, Loop.monotonicNanoseconds() < limit else { return }
            try await loop.sleep(for: hypothesis.frequency)
        }
    }

    private func drain() async {
        let running = live.withLock { $0.load }
        await running?.stop(isHurried: stop.reason != nil)
        journal.flush()
    }

    /// What the author asks for at the end, unless the strategy says otherwise.
    private func rollbacks() async {
        guard mayRollBack else { return }
        for step in plan.rollbacks { await perform(rollback: step) }
    }

    private var mayRollBack: Bool {
        switch plan.rollbackStrategy {
        case .always: return true
        case .never: return false
        case .standard:
            let reason = stop.reason?.kind
            return reason != .failed && reason != .interrupted
        case .deviated: return live.withLock { $0.hasDeviated }
        }
    }

    /// Tells the load which phase its arrivals belong to from now on.
    func enterLoad(_ phase: ProbePhase?) {
        let running = live.withLock { live in
            live.probePhase = phase
            return live.load
        }
        running?.enter(phase)
    }
}
