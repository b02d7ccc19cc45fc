import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import EventLoop

/// Carries one fault through its life: asks `FaultLifecycle` what to do, and does it.
struct FaultDriver: Sendable {
    /// What the driver needs of the run.
    struct Surroundings: Sendable {
        var ledger: Ledger
        var loop: Loop
        /// Writes to the journal, on disk when it returns.
        var journal: @Sendable (JournalEvent.Payload) -> Void
        /// Reads the hypothesis once more, just before the undo.
        var makeLastReadings: @Sendable () async -> Void
        /// Told when the fault comes into effect and when it is over.
        var effectChanged: @Sendable (FaultSite, _ isInEffect: Bool) -> Void
    }

    /// How often the effect is observed, which also renews leases.
    static let pollPeriod = Duration.seconds(1)
    /// How long one call of the plugin may take.
    static let callDeadline = Duration.seconds(10)
    /// How long one try of the undo may take; with the tries of the lifecycle within 10 s in all.
    static let undoDeadline = Duration.milliseconds(1200)
    static let undoPause = Duration.milliseconds(200)
    /// How long the readings before the undo may hold it up.
    static let lastReadingsDeadline = Duration.seconds(5)

    var fault: any Fault
    var site: FaultSite
    var context: StepContext
    var surroundings: Surroundings

    /// Runs the whole life and returns how it ended; survives the cancellation of the caller, which
    /// only ends the fault early.
    func run() async -> FaultLifecycle.Outcome {
        let end = EndSignal(loop: surroundings.loop)
        // Owned by this call, which awaits it: never cancelled, so that the undo runs to its end.
        let life = surroundings.loop.spawn { await self.live(end) }
        return await withTaskCancellationHandler {
            switch await life.result {
            case .success(let outcome): outcome
            case .failure(let error): .failed("\(error)")
            }
        } onCancel: {
            end.request()
        }
    }

    private func live(_ end: EndSignal) async -> FaultLifecycle.Outcome {
        var memory = Memory(deadline: Loop.monotonicNanoseconds())
        var machine = FaultLifecycle(hitsMinimum: site.hitsMinimum)
        var queue = end.isRequested ? machine.handle(.end(.stopped)) : []
        queue += machine.handle(.begin)
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .finish(let outcome):
                return outcome
            case .journal(let entry):
                note(entry, machine.undo, &memory)
            case let action:
                let answer = await perform(action, machine.undo, end, &memory)
                if end.isRequested { queue += machine.handle(.end(.stopped)) }
                queue += machine.handle(answer)
            }
        }
        preconditionFailure("a fault's life ends with an outcome")
    }

    /// What the shell itself must remember between actions.
    private struct Memory {
        /// Monotonic nanoseconds at which the hold is over; set when the fault is injected.
        var deadline: Int64
        var firingsJournalled = 0
        var isInEffect = false
    }
}

extension FaultDriver {
    private func perform(
        _ action: FaultLifecycle.Action,
        _ undo: UndoRecord?,
        _ end: EndSignal,
        _ memory: inout Memory
    ) async -> FaultLifecycle.Event {
        do {
            switch action {
            case .wait: return await wait(end, memory)
            case .pause:
                try await surroundings.loop.sleep(for: Self.undoPause)
                return .paused
            case .makeLastReadings:
                await makeLastReadings()
                return .lastReadingsMade
            default:
                return try await call(action, undo, &memory)
            }
        } catch {
            return .failed("\(error)")
        }
    }

    /// The actions that touch the plugin or the ledger.
    private func call(
        _ action: FaultLifecycle.Action,
        _ undo: UndoRecord?,
        _ memory: inout Memory
    ) async throws -> FaultLifecycle.Event {
        if case .prepare = action {
            let record = try await withDeadline(Self.callDeadline) {
                try await fault.prepare(context)
            }
            return .prepared(record)
        }
        guard let undo else { preconditionFailure("there is a record once prepare succeeded") }
        switch action {
        case .record:
            try surroundings.ledger.record(entry(undo))
            return .recorded
        case .inject:
            begin(&memory)
            try await withDeadline(Self.callDeadline) { try await fault.inject(context, undo) }
            memory.deadline = Loop.monotonicNanoseconds() + site.hold.nanosecondsClamped
            return .injected
        case .observe:
            return .observed(try await observe(undo, &memory))
        case .revert:
            try await withDeadline(Self.undoDeadline) { try await fault.revert(undo) }
            return .reverted
        case .verify:
            try await withDeadline(Self.undoDeadline) { try await fault.confirmReverted(undo) }
            return .verified
        default:
            try surroundings.ledger.clear(entry(undo))
            return .cleared
        }
    }

    private func wait(_ end: EndSignal, _ memory: Memory) async -> FaultLifecycle.Event {
        let left = Duration.nanoseconds(memory.deadline - Loop.monotonicNanoseconds())
        guard left > .zero else { return .end(.elapsed) }
        if await end.wait(min(left, Self.pollPeriod)) { return .end(.stopped) }
        return left <= Self.pollPeriod ? .end(.elapsed) : .tick
    }

    private func observe(_ undo: UndoRecord, _ memory: inout Memory) async throws -> Effect {
        let effect = try await withDeadline(Self.callDeadline) {
            try await fault.confirm(context, undo)
        }
        for firing in effect.firings where firing.ordinal > memory.firingsJournalled {
            memory.firingsJournalled = firing.ordinal
            surroundings.journal(
                .firing(
                    FaultFiring(
                        faultID: site.faultID,
                        ordinal: firing.ordinal,
                        firedAt: firing.at,
                        target: site.target,
                        detail: firing.detail
                    )
                )
            )
        }
        return effect
    }

    private func makeLastReadings() async {
        let read = surroundings.makeLastReadings
        // A reading that takes too long must not hold up the undo.
        try? await withDeadline(Self.lastReadingsDeadline) { await read() }
    }
}

extension FaultDriver {
    private func note(
        _ entry: FaultLifecycle.Entry,
        _ undo: UndoRecord?,
        _ memory: inout Memory
    ) {
        surroundings.journal(.fault(site.transition(entry, undo: undo)))
        guard entry.state == .reverted || entry.state == .revertFailed, memory.isInEffect else {
            return
        }
        memory.isInEffect = false
        surroundings.effectChanged(site, false)
    }

    private func begin(_ memory: inout Memory) {
        memory.isInEffect = true
        surroundings.effectChanged(site, true)
    }

    private func entry(_ undo: UndoRecord) -> LedgerEntry {
        let now = Loop.wallMicroseconds()
        return LedgerEntry(
            runID: context.runID,
            faultID: site.faultID,
            step: site.step,
            path: site.path,
            undo: undo,
            since: Timestamp(microseconds: now),
            until: Timestamp(microseconds: now + site.hold.nanosecondsClamped / 1000)
        )
    }
}
