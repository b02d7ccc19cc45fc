package import ChaosModel
package import ChaosVerdict

/// What became of one experiment of the gate.
package struct GateResult: Sendable, Equatable {
    package var entry: GateEntry
    package var outcome: GateOutcome
    /// The verdict's sentence, or why there is none.
    package var sentence: String
    /// How often it ran; more than 1 when an inconclusive run was repeated.
    package var attempts: Int
    /// Wall seconds over all attempts.
    package var seconds: Double
    /// When the last attempt ended.
    package var endedAt: Timestamp?
    /// Of the last attempt; `nil` when no run left a journal.
    package var verdict: Verdict?
    /// The directory of the last attempt's files.
    package var directory: String?
    /// What is worse than in the baseline.
    package var regressions: [GateRegression] = []

    package init(entry: GateEntry, outcome: GateOutcome, sentence: String) {
        self.entry = entry
        self.outcome = outcome
        self.sentence = sentence
        attempts = 0
        seconds = 0
    }

    /// What `chaos run` would be called with to see the same.
    package var replay: String {
        let seed = (verdict?.run.seed).map { " --seed \($0)" } ?? ""
        let mutants = (verdict?.run.mutants ?? []).map { " --mutant \($0)" }.joined()
        return "chaos run \(entry.file)\(seed)\(mutants)"
    }
}
