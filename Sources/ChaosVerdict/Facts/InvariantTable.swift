internal import ChaosJournal
internal import JSON

/// Makes the table of invariants: one row for each name, over all checks.
enum InvariantTable {
    static func rows(_ facts: RunFacts) -> [InvariantRow] {
        var order: [String] = []
        var rows: [String: InvariantRow] = [:]
        for check in facts.invariants {
            let name = check.value.name
            if var row = rows[name] {
                merge(check, into: &row)
                rows[name] = row
            } else {
                order.append(name)
                rows[name] = row(check)
            }
        }
        return order.compactMap { rows[$0] }
    }

    private static func row(_ check: RunFacts.Timed<InvariantResult>) -> InvariantRow {
        let result = check.value
        return InvariantRow(
            name: result.name,
            statement: result.statement,
            holds: result.holds,
            checked: result.checked,
            violations: result.violations,
            witnesses: result.witnesses,
            error: result.error,
            checks: 1,
            firstViolatedAt: result.holds == false ? check.elapsed : nil
        )
    }

    /// A violation is never forgotten; otherwise the latest check that observed something counts.
    private static func merge(
        _ check: RunFacts.Timed<InvariantResult>,
        into row: inout InvariantRow
    ) {
        row.checks += 1
        let latest = Self.row(check)
        let isWorse =
            latest.holds == false
            && (row.holds != false || latest.violations >= row.violations)
        let isNewer = row.holds != false && latest.holds == true
        guard isWorse || isNewer else { return }
        let (checks, first) = (row.checks, row.firstViolatedAt)
        row = latest
        row.checks = checks
        row.firstViolatedAt = first ?? latest.firstViolatedAt
    }
}
