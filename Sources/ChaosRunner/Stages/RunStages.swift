import ChaosJournal

/// The stages of a run as a value: which one follows, whatever ends the present one.
///
/// ```
/// start ▶ warm-up ▶ baseline ▶ method ▶ recovery ▶ drain ▶ rollbacks ▶ settle ▶ ended
///   │        │         │ gate     │         │        ▲        ▲                   ▲
///   │        └─────────┴──────────┴─────────┴────────┘        │                   │
///   └─────────────────────────────────────────────────────────┴───────────────────┘
/// ```
///
/// Once the load may run, every way out goes through `drain` and `rollbacks`; a run that was
/// stopped (interrupted, aborted, failed) is not settled, because nobody waits for it.
struct RunStages: Sendable {
    enum Stage: String, Sendable, CaseIterable {
        case start, warmUp, baseline, method, recovery, drain, rollbacks, settle, ended
    }

    enum Event: Sendable, Equatable {
        /// The stage did what it is for.
        case done
        /// The steady state was not met (or not observed) before the method.
        case gateClosed(String)
        /// The run shall end: an abort condition, a signal, or an error.
        case stop(RunEnded.Reason, String)
    }

    private(set) var stage = Stage.start
    private(set) var reason = RunEnded.Reason.completed
    private(set) var detail: String?

    /// Takes what ended the stage and returns the next one; the first reason to stop is kept.
    mutating func advance(_ event: Event) -> Stage {
        switch event {
        case .done:
            break
        case .gateClosed(let why):
            detail = detail ?? why
        case .stop(let why, let what):
            if reason == .completed { (reason, detail) = (why, what) }
        }
        stage = next(after: event)
        return stage
    }

    /// Whether the run is on its way out.
    var isStopped: Bool { reason != .completed }

    private func next(after event: Event) -> Stage {
        switch (stage, event) {
        case (.start, .stop): .rollbacks
        case (.start, _): .warmUp
        case (.warmUp, .done): .baseline
        case (.baseline, .done): .method
        case (.method, .done): .recovery
        case (.warmUp, _), (.baseline, _), (.method, _), (.recovery, _): .drain
        case (.drain, _): .rollbacks
        case (.rollbacks, _): isStopped ? .ended : .settle
        case (.settle, _), (.ended, _): .ended
        }
    }

    /// The phase that the journal names when the stage begins; `nil` when it belongs to the one
    /// before.
    static func phase(of stage: Stage) -> PhaseChange.Phase? {
        switch stage {
        case .start: .start
        case .warmUp: .warmUp
        case .baseline: .baseline
        case .method: .method
        case .recovery: .recovery
        case .drain, .rollbacks: nil
        case .settle: .settle
        case .ended: .end
        }
    }
}
