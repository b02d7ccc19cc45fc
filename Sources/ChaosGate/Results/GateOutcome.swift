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
        switch exitStatus {
        case 0: self = .held
        case 1: self = .deviated
        case 2: self = .inconclusive
        case 3: self = .aborted
        case 4: self = .undoIncomplete
        case 130, 143: self = .interrupted
        default: self = .failed
        }
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
