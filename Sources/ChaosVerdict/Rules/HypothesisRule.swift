internal import ChaosJournal
internal import ChaosModel
internal import JSON

/// Makes the hypothesis table: what each probe observed in each phase, and whether that counts.
enum HypothesisJudge {
    private typealias Reading = RunFacts.Timed<ProbeReading>

    static func table(_ facts: RunFacts, _ terms: JudgingTerms) -> HypothesisTable {
        var readings: [String: [Reading]] = [:]
        var paths: [String] = terms.probes.map(\.path)
        for reading in facts.readings where reading.value.phase != nil {
            let path = reading.value.path
            if readings[path] == nil, !paths.contains(path) { paths.append(path) }
            readings[path, default: []].append(reading)
        }
        let rows = paths.map { path in
            row(path, readings[path] ?? [], terms)
        }
        return HypothesisTable(title: terms.hypothesisTitle, strategy: terms.strategy, rows: rows)
    }

    private static func row(
        _ path: String,
        _ readings: [Reading],
        _ terms: JudgingTerms
    ) -> HypothesisRow {
        let last = readings.last?.value
        let declared = terms.probes.first { $0.path == path }?.name
        return HypothesisRow(
            name: last?.step ?? declared ?? path,
            path: path,
            tolerance: readings.compactMap(\.value.tolerance).last ?? "",
            unit: last?.unit ?? "",
            isCumulative: last?.isCumulative ?? false,
            cells: ProbePhase.allCases.compactMap { phase in
                cell(phase, readings.filter { $0.value.phase == phase }, terms)
            }
        )
    }

    private static func cell(
        _ phase: ProbePhase,
        _ readings: [Reading],
        _ terms: JudgingTerms
    ) -> HypothesisCell? {
        guard let last = readings.last else { return nil }
        // While the system may still recover, only the end of the phase counts.
        let onlyLast =
            last.value.isCumulative || (phase == .after && terms.recoversWithin != nil)
        let unmet = readings.last { $0.value.met == false }
        let failed = readings.last { $0.value.met == nil }
        let deciding = onlyLast ? last : unmet ?? failed ?? last
        return HypothesisCell(
            phase: phase,
            observed: deciding.value.output,
            readings: readings.count,
            readingsMet: readings.count { $0.value.met == true },
            readingsFailed: readings.count { $0.value.met == nil },
            met: deciding.value.met,
            isJudged: terms.judges(phase),
            error: deciding.value.error,
            elapsed: deciding.elapsed
        )
    }
}

/// What the hypothesis says of the run.
struct HypothesisRule {
    let facts: RunFacts
    let terms: JudgingTerms
    let table: HypothesisTable
    let isBlind: Bool

    /// Whether the gate before the method was closed: nothing was injected then.
    var isBaselineUnmet: Bool {
        table.rows.contains { $0.cell(.before).map { $0.isJudged && $0.met != true } ?? false }
    }

    func reasons() -> [Reason] {
        // An interrupted or cut run has no complete phase to judge.
        guard facts.ended?.reason == .completed || facts.ended?.reason == .aborted else {
            return []
        }
        if isBaselineUnmet { return table.rows.compactMap(baselineReason) }
        return table.rows.flatMap(phaseReasons) + table.rows.compactMap(neverReadReason)
    }

    private func baselineReason(_ row: HypothesisRow) -> Reason? {
        guard let cell = row.cell(.before), cell.isJudged, cell.met != true else { return nil }
        let end = facts.transitions.isEmpty ? " Nothing was injected." : ""
        let text = "The system was not in its steady state to begin with: "
        return Reason(.baselineUnmet, .blocks, text + observation(row, cell) + end)
    }

    private func phaseReasons(_ row: HypothesisRow) -> [Reason] {
        row.cells.compactMap { cell in
            guard cell.isJudged, cell.phase != .before, cell.met != true else { return nil }
            if cell.met == nil {
                return Reason(.probeNotJudged, .blocks, observation(row, cell))
            }
            // The recovery rule speaks of these.
            if cell.phase == .after, terms.recoversWithin != nil { return nil }
            let text = observation(row, cell)
            let isDoubtful = isBlind && row.isOfClients
            return Reason(.hypothesisUnmet, isDoubtful ? .blocks : .deviates, text)
        }
    }

    /// A probe that no deciding phase ever read proves nothing.
    private func neverReadReason(_ row: HypothesisRow) -> Reason? {
        guard facts.isComplete, terms.strategy != .skip else { return nil }
        let declared = terms.probes.first { $0.path == row.path }?.phases
        let isMeantForBaseline = declared.map { $0.allSatisfy { $0 == "before" } } ?? false
        let gateOnly = terms.strategy == .beforeMethodOnly || isMeantForBaseline
        let isRead = row.cells.contains { $0.isJudged && (gateOnly || $0.phase != .before) }
        guard !isRead else { return nil }
        let when = gateOnly ? "before the method" : "in any phase that decides"
        return Reason(.probeNotJudged, .blocks, "“\(row.name)” was not read \(when).")
    }

    private func observation(_ row: HypothesisRow, _ cell: HypothesisCell) -> String {
        let when = cell.phase.wording
        if cell.met == nil {
            let why = cell.error ?? "too few observations"
            return "“\(row.name)” could not be judged \(when): \(why.trimmingPeriod)."
        }
        let value = NumberText.value(cell.observed, unit: row.unit)
        var text = "“\(row.name)” was \(value) \(when)"
        if cell.readings > 1, !row.isCumulative, cell.readingsMet < cell.readings {
            let unmet = cell.readings - cell.readingsMet - cell.readingsFailed
            text += " (\(NumberText.integer(unmet)) of \(cell.readings) readings)"
        }
        return text + (row.tolerance.isEmpty ? "." : "; tolerated is \(row.tolerance).")
    }
}
