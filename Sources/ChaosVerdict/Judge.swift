package import ChaosJournal
internal import ChaosModel

/// Judges a run from its journal alone.
package enum Judge {
    /// Judges the events of one run, in the order of the journal; any prefix of a journal will do.
    package static func judge(_ events: [JournalEvent]) -> Verdict {
        var judging = Judging()
        for event in events { judging.take(event) }
        return judging.verdict()
    }

    static func judge(_ facts: RunFacts) -> Verdict {
        let terms = JudgingTerms(facts.experiment)
        let faults = FaultTable.rows(facts)
        let invariants = InvariantTable.rows(facts)
        let observer = ObserverHealth(facts)
        let table = HypothesisJudge.table(facts, terms)
        let hypothesis = HypothesisRule(
            facts: facts,
            terms: terms,
            table: table,
            isBlind: observer.isBlind
        )
        let recoveryRule = RecoveryRule(facts: facts, terms: terms, faults: faults)
        let recovery = recoveryRule.recovery()
        var reasons = InvariantRule.reasons(invariants)
        reasons += hypothesis.reasons()
        reasons += recoveryRule.reasons(recovery, isBlind: observer.isBlind)
        reasons += EndingRule.reasons(facts)
        reasons += FaultRule.reasons(faults, facts)
        reasons += HostRule.reasons(facts)
        reasons += ConductRule.reasons(facts, observer, table)
        reasons += nothingJudged(table, invariants, faults)
        reasons = inOrderOfWeight(reasons)
        let outcome = outcome(reasons)
        let title = table.title.isEmpty ? terms.title : table.title
        return Verdict(
            outcome: outcome,
            sentence: VerdictSentence.text(outcome, reasons, (title, faults, recovery)),
            reasons: reasons,
            exitStatus: exitStatus(outcome, reasons, facts),
            run: identity(facts, terms),
            hypothesis: table,
            faults: faults,
            invariants: invariants,
            recovery: recovery,
            load: LoadTable.rows(facts, faults),
            observer: observer,
            phases: facts.phases
        )
    }

    /// A run without probes, invariants and faults proves nothing, however smoothly it went.
    private static func nothingJudged(
        _ table: HypothesisTable,
        _ invariants: [InvariantRow],
        _ faults: [FaultRow]
    ) -> [Reason] {
        guard table.rows.allSatisfy({ $0.met == nil }), invariants.isEmpty, faults.isEmpty else {
            return []
        }
        let text = "Nothing was judged: no probe was read, no invariant checked, no fault injected."
        return [Reason(.nothingJudged, .blocks, text)]
    }

    /// By effect first, then by the declared order of kinds; the order of finding breaks ties.
    private static func inOrderOfWeight(_ reasons: [Reason]) -> [Reason] {
        let kinds = Reason.Kind.allCases
        func rank(_ reason: Reason) -> Int {
            let kind = kinds.firstIndex(of: reason.kind) ?? kinds.count
            if reason.kind == .undoIncomplete { return kind }
            let effect = [.deviates: 1, .blocks: 2, .informs: 3][reason.effect] ?? 3
            return effect * 100 + kind
        }
        return reasons.enumerated()
            .sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }

    private static func outcome(_ reasons: [Reason]) -> Verdict.Outcome {
        if reasons.contains(where: { $0.effect == .deviates }) { return .deviated }
        return reasons.contains { $0.effect == .blocks } ? .inconclusive : .held
    }

    private static func exitStatus(
        _ outcome: Verdict.Outcome,
        _ reasons: [Reason],
        _ facts: RunFacts
    ) -> Int32 {
        let kinds = Set(reasons.map(\.kind))
        if kinds.contains(.undoIncomplete) { return 4 }
        // As a shell reports a program that a signal ended: 128 and the signal's number.
        if kinds.contains(.interrupted) { return facts.ended?.detail == "SIGTERM" ? 143 : 130 }
        if kinds.contains(.invariantViolated) { return 1 }
        if kinds.contains(.aborted) { return 3 }
        return switch outcome {
        case .held: 0
        case .deviated: 1
        case .inconclusive: 2
        }
    }

    private static func identity(_ facts: RunFacts, _ terms: JudgingTerms) -> RunIdentity {
        RunIdentity(
            runID: facts.started?.runID ?? "unknown",
            title: terms.title,
            description: terms.description,
            file: facts.started?.file ?? "",
            seed: facts.started?.seed ?? 0,
            mutants: facts.started?.mutants ?? [],
            toolVersion: facts.started?.toolVersion ?? "",
            startedAt: facts.startedAt,
            duration: facts.lastElapsed,
            lastEventAt: facts.lastAt,
            ending: EndingRule.ending(facts)
        )
    }
}
