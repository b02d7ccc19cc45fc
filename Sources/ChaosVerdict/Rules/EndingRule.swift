internal import ChaosJournal
internal import ChaosModel

/// How the run ended, and what that does to the outcome.
enum EndingRule {
    static func ending(_ facts: RunFacts) -> RunIdentity.Ending {
        switch facts.ended?.reason {
        case nil: .cut
        case .completed: .completed
        case .aborted:
            .aborted(reason: facts.abortReason ?? facts.ended?.detail ?? "no reason was given")
        case .interrupted: .interrupted
        case .failed: .failed(reason: facts.ended?.detail ?? "no reason was given")
        }
    }

    static func reasons(_ facts: RunFacts) -> [Reason] {
        let after = NumberText.seconds(facts.lastElapsed)
        switch ending(facts) {
        case .completed: return []
        case .aborted(let reason):
            let text = "The run was aborted after \(after): \(reason.sentence)"
            return [Reason(.aborted, .blocks, text)]
        case .interrupted:
            let detail = facts.ended?.detail.map { " (\($0.trimmingPeriod))" } ?? ""
            return [
                Reason(.interrupted, .blocks, "The run was interrupted after \(after)\(detail).")
            ]
        case .failed(let reason):
            return [Reason(.failed, .blocks, "The run failed after \(after): \(reason.sentence)")]
        case .cut:
            let clock = facts.lastAt.map { " (\($0.rfc3339.prefix(19))Z)" } ?? ""
            let text = "The run was cut at \(after)\(clock): its journal ends without a last word."
            return [Reason(.cut, .blocks, text)]
        }
    }
}
