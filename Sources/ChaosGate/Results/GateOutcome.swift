import ChaosVerdict

/// How an experiment of the gate ended.
package enum GateOutcome: String, Sendable, CaseIterable {
    case held
    /// It held, but a figure is worse than the baseline allows.
    case regressed
    case deviated
    case inconclusive
    case aborted
    case undoIncomplete = "undo-incomplete"
    /// Interrupted by hand.
    case interrupted
    /// The program could not carry it out.
    case failed
    /// The time budget was over before it could run.
    case notRun = "not-run"

    /// By the exit status of `chaos run`.
    package init(exitStatus: Int32) {
        self = Self(rawValue: RunEnding(exitStatus: exitStatus).rawValue) ?? .failed
    }

    /// A sign that needs no colour.
    package var symbol: String {
        switch self {
        case .held: "✓"
        case .regressed: "↓"
        case .deviated: "✕"
        case .inconclusive: "?"
        case .aborted, .interrupted: "■"
        case .undoIncomplete: "!"
        case .failed: "⚠"
        case .notRun: "–"
        }
    }

    /// What one may always ignore, or never: these fail every gate.
    package static let alwaysFailing: Set<GateOutcome> = [
        .undoIncomplete, .failed, .interrupted,
    ]

    /// What fails a gate unless `--fail-on` says otherwise.
    package static let failingByDefault: Set<GateOutcome> = [
        .deviated, .regressed, .inconclusive, .aborted, .notRun,
    ]
}
