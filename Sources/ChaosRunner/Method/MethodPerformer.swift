import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import EventLoop
import JSON
import Synchronization

// The method: steps in order, background steps beside them, faults through their lives.
extension RunSession {
    /// Every fault has been undone (or was given up) when this returns, also when it throws.
    func performMethod() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, planned) in plan.steps.enumerated() {
                try await pause(planned.step.pauseBefore)
                if planned.step.background {
                    group.addTask { try await self.perform(planned, index) }
                } else {
                    try await perform(planned, index)
                }
                try await pause(planned.step.pauseAfter)
            }
            try await group.waitForAll()
        }
        try Task.checkCancellation()
    }

    /// A step of the rollbacks: on every way out, whatever happened before; failures do not stop
    /// it.
    func perform(rollback planned: PlannedStep) async {
        switch planned.function.kind {
        case .probe: await read(planned, nil)
        case .action, .fault: await perform(action: planned)
        }
    }

    private func pause(_ duration: Duration?) async throws {
        guard let duration else { return }
        try await loop.sleep(for: duration)
    }

    private func perform(_ planned: PlannedStep, _ index: Int) async throws {
        try Task.checkCancellation()
        switch planned.function.kind {
        case .probe: await read(planned, nil)
        case .action: await perform(action: planned)
        case .fault: await perform(fault: planned, index)
        }
    }

    /// Carries out an action; that it fails is written down and judged, and the run goes on.
    private func perform(action planned: PlannedStep) async {
        let start = Loop.monotonicNanoseconds()
        var outcome = ActionOutcome(
            step: planned.step.name,
            path: planned.step.path,
            output: .null
        )
        do {
            guard let action = plugin(planned)?.action(planned.function.name) else {
                throw RunnerError(
                    .unknownFunction,
                    "\(planned.step.provider.type) has no action \(planned.function.name)"
                        + " — \(planned.step.path). See chaos plugin describe."
                )
            }
            let context = context(planned, nil)
            outcome.output = redactor.value(
                try await withDeadline(Self.actionDeadline) { try await action.perform(context) }
            )
        } catch {
            outcome.error = redactor.text("\(error)")
        }
        outcome.milliseconds = Double(Loop.monotonicNanoseconds() - start) / 1e6
        journal.writeDurably(.action(outcome))
        options.progress(.action(outcome))
    }

    /// How long an action may take at most, whatever its own timeout says.
    static let actionDeadline = Duration.seconds(3600)
}

extension RunSession {
    /// How long a fault stays in effect when nothing else is said.
    static let holdStandard = Duration.seconds(10)
    /// How much longer than its hold a fault may stay before it expires by itself.
    static let leaseReserve = Duration.seconds(5)

    private func perform(fault planned: PlannedStep, _ index: Int) async {
        let function = planned.function.name
        guard let plugin = plugin(planned), let found = plugin.fault(function) else {
            stopRun(.failed, "\(planned.step.path): there is no such fault")
            return
        }
        let fault: any Fault =
            options.allowsHost
            ? found
            : GuardedFault(fault: found) { try plugin.hostReach(of: function, $0) }
        var context = context(planned, .during)
        context.lease = (planned.hold ?? Self.holdStandard) + Self.leaseReserve
        let driver = FaultDriver(
            fault: fault,
            site: site(planned, index),
            context: context,
            surroundings: surroundings
        )
        let outcome = await driver.run()
        faultEnded(outcome, planned)
    }

    private func site(_ planned: PlannedStep, _ index: Int) -> FaultSite {
        FaultSite(
            faultID: "fault-\(index + 1)",
            step: planned.step.name,
            path: planned.step.path,
            plugin: planned.step.provider.type,
            function: planned.function.name,
            target: planned.target?.name ?? "this host",
            hitsMinimum: planned.step.effectMinimum,
            unit: planned.function.effect,
            hold: planned.hold ?? Self.holdStandard
        )
    }

    private var surroundings: FaultDriver.Surroundings {
        FaultDriver.Surroundings(
            ledger: options.ledger,
            loop: loop,
            journal: { self.journalFault($0) },
            makeLastReadings: { await self.readHypothesis(.during) },
            effectChanged: { self.effectChanged($0, $1) }
        )
    }

    private func journalFault(_ payload: JournalEvent.Payload) {
        switch payload {
        case .fault(var transition):
            noteCertainty(transition)
            transition.detail = redactor.object(transition.detail)
            transition.error = transition.error.map(redactor.text)
            journal.writeDurably(.fault(transition))
            options.progress(.fault(transition))
        case .firing(var firing):
            firing.detail = redactor.object(firing.detail)
            journal.enqueue(.firing(firing))
        default:
            journal.write(payload)
        }
    }

    /// Readings count as `during` only between the end of an injection and the beginning of its
    /// undo.
    private func noteCertainty(_ transition: FaultTransition) {
        live.withLock { live in
            let wasEmpty = live.certain.isEmpty
            switch transition.state {
            case .injected: live.certain.insert(transition.faultID)
            case .reverting: live.certain.remove(transition.faultID)
            default: break
            }
            if live.certain.isEmpty != wasEmpty { live.certainty += 1 }
        }
    }

    private func effectChanged(_ site: FaultSite, _ isInEffect: Bool) {
        let now = Loop.wallMicroseconds()
        let phase = live.withLock { live -> ProbePhase? in
            if isInEffect {
                live.inEffect.append(
                    RunSnapshot.FaultInEffect(
                        faultID: site.faultID,
                        step: site.step,
                        function: site.function,
                        target: site.target,
                        since: Timestamp(microseconds: now),
                        until: Timestamp(
                            microseconds: now + site.hold.nanosecondsClamped / 1000
                        )
                    )
                )
                return .during
            }
            live.inEffect.removeAll { $0.faultID == site.faultID }
            live.lastUndo = Loop.monotonicNanoseconds()
            guard live.inEffect.isEmpty else { return .during }
            return live.faultsToCome > 1 ? nil : .after
        }
        enterLoad(phase)
    }

    private func faultEnded(_ outcome: FaultLifecycle.Outcome, _ planned: PlannedStep) {
        live.withLock { $0.faultsToCome -= 1 }
        switch outcome {
        case .neverInjected, .reverted:
            break
        case .failed(let reason):
            note("\(planned.step.name) failed: \(redactor.text(reason))")
        case .revertFailed(let reason):
            // Nothing more may be broken while something cannot be mended.
            stopRun(.failed, "\(planned.step.name) could not be undone: \(reason)")
        }
    }
}
