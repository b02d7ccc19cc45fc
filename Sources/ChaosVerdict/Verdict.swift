package import ChaosModel

/// What a run proved: the outcome, one sentence, the reasons, and the tables behind them.
package struct Verdict: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// The hypothesis was tested and stood.
        case held
        /// The system broke a promise.
        case deviated
        /// The run proves neither.
        case inconclusive
    }

    package var outcome: Outcome
    /// For a tired person; ends with a period.
    package var sentence: String
    /// In order of weight.
    package var reasons: [Reason]
    /// 0 held, 1 deviated, 2 inconclusive, 3 aborted, 4 undo incomplete, 130 and 143 interrupted.
    package var exitStatus: Int32
    package var run: RunIdentity
    package var hypothesis: HypothesisTable
    package var faults: [FaultRow]
    package var invariants: [InvariantRow]
    package var recovery: Recovery?
    /// Operations by window and name: `before`, `during`, `after`, `total`.
    package var load: [LoadSummary]
    package var observer: ObserverHealth
    package var phases: [PhaseWindow]
}

/// One ground for the outcome.
package struct Reason: Sendable, Equatable {
    /// What kind of ground; the declaration order is the order of weight.
    package enum Kind: String, Sendable, CaseIterable {
        case undoIncomplete = "undo-incomplete"
        case invariantViolated = "invariant-violated"
        case hypothesisUnmet = "hypothesis-unmet"
        case notRecovered = "not-recovered"
        case interrupted
        case aborted
        case cut
        case failed
        case baselineUnmet = "baseline-unmet"
        case faultNotProven = "fault-not-proven"
        case actionFailed = "action-failed"
        case blindObserver = "blind-observer"
        case invariantNotObserved = "invariant-not-observed"
        case probeNotJudged = "probe-not-judged"
        case nothingJudged = "nothing-judged"
    }
    /// What the ground does to the outcome.
    package enum Effect: String, Sendable { case deviates, blocks, informs }

    package var kind: Kind
    package var effect: Effect
    /// A sentence with its period.
    package var text: String

    package init(_ kind: Kind, _ effect: Effect, _ text: String) {
        self.kind = kind
        self.effect = effect
        self.text = text
    }
}

/// Which run it was, and how it ended.
package struct RunIdentity: Sendable, Equatable {
    package enum Ending: Sendable, Equatable {
        case completed
        case aborted(reason: String)
        case interrupted
        case failed(reason: String)
        /// No last word: the writer was killed.
        case cut
    }

    package var runID: String
    package var title: String
    package var description: String
    package var file: String
    package var seed: UInt64
    package var mutants: [String]
    package var toolVersion: String
    package var startedAt: Timestamp?
    /// Seconds from the first to the last event.
    package var duration: Double
    package var lastEventAt: Timestamp?
    package var ending: Ending
}
