/// A violated invariant outweighs everything but an incomplete undo.
enum InvariantRule {
    static func reasons(_ invariants: [InvariantRow]) -> [Reason] {
        invariants.compactMap { row in
            let statement = "“\(row.statement.trimmingPeriod)”"
            switch row.holds {
            case true?:
                guard row.isVacuous else { return nil }
                let text = "\(statement) had nothing to look at, so it proves nothing."
                return Reason(.invariantNotObserved, .informs, text)
            case false?:
                let count = NumberText.count(row.violations, "violation")
                let checked = NumberText.integer(row.checked)
                let text = "\(statement) is broken: \(count) among \(checked) checked."
                return Reason(.invariantViolated, .deviates, text)
            case nil:
                let why = (row.error ?? "there was no observation").sentence
                let text = "\(statement) could not be observed: \(why)"
                return Reason(.invariantNotObserved, .blocks, text)
            }
        }
    }
}
