/// How a run ended, for those who see no more of it than the exit status of `chaos run`.
package enum RunEnding: String, Sendable, CaseIterable {
    case held, deviated, inconclusive, aborted
    case undoIncomplete = "undo-incomplete"
    case interrupted
    /// The program could not carry it out.
    case failed

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
}
