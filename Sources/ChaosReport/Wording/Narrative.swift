internal import ChaosModel
internal import ChaosVerdict

/// The four answers that a reader wants first, as short sentences.
struct Narrative {
    /// What was done to what.
    let done: [String]
    /// What customers felt.
    let felt: [String]
    /// What was proven.
    let proven: [String]
    /// What is open.
    let open: [String]

    init(_ report: Report) {
        let verdict = report.verdict
        done = Self.done(verdict)
        felt = Self.felt(verdict)
        proven = Self.proven(verdict)
        open = Self.open(verdict, report)
    }

    private static func done(_ verdict: Verdict) -> [String] {
        guard !verdict.faults.isEmpty else { return ["No fault was injected."] }
        return verdict.faults.map { fault in
            var text = "\(fault.function) on \(fault.target)"
            if let start = fault.injectedAt, let end = fault.undoneAt {
                text += " for \(NumberText.seconds(end - start))"
            }
            if let hits = fault.hits {
                text += ": \(NumberText.integer(hits)) \(fault.unit.isEmpty ? "hits" : fault.unit)"
            }
            return text + ", \(undo(fault.undo))."
        }
    }

    /// The state of the undo as the end of a sentence.
    static func undo(_ undo: FaultRow.Undo) -> String {
        switch undo {
        case .undone: "undone"
        case .notNeeded: "never in effect"
        case .failed, .missing: "NOT undone"
        case .unknown: "undo not on record"
        }
    }

    private static func felt(_ verdict: Verdict) -> [String] {
        let during = verdict.load.filter { $0.window == .during && $0.planned > 0 }
        let total = verdict.load.filter { $0.window == .total && $0.planned > 0 }
        if during.isEmpty {
            let lines = total.map { "\(felt($0, before: nil)) over the whole run." }
            return ["No customer was there while a fault was in effect."] + lines
        }
        return during.map { row in
            let before = verdict.load.first {
                $0.window == .before && $0.operation == row.operation
            }
            return felt(row, before: before) + "."
        }
    }

    private static func felt(_ row: LoadSummary, before: LoadSummary?) -> String {
        let ok = NumberText.integer(row.ok)
        let planned = NumberText.integer(row.planned)
        var text = "\(row.operation): \(ok) of \(planned) succeeded"
        if let share = row.availability { text += " (\(NumberText.percent(share)))" }
        if let p99 = row.p99 {
            text += ", p99 \(NumberText.milliseconds(p99))"
            if let was = before?.p99 { text += ", before \(NumberText.milliseconds(was))" }
        }
        return text
    }

    private static func proven(_ verdict: Verdict) -> [String] {
        var lines: [String] = []
        let invariants = verdict.invariants
        let broken = invariants.filter { $0.holds == false }
        for row in broken {
            let count = NumberText.count(row.violations, "violation")
            lines.append("Broken: \(row.statement.trimmingPeriod) – \(count).")
        }
        let held = invariants.filter { $0.holds == true && !$0.isVacuous }
        if !held.isEmpty {
            let checked = held.map(\.checked).max() ?? 0
            lines.append(
                "\(held.count) of \(invariants.count) invariants hold, over up to "
                    + "\(NumberText.integer(checked)) records each."
            )
        }
        let probes = verdict.hypothesis.rows.filter { $0.met != nil }
        if !probes.isEmpty {
            let met = probes.count { $0.met == true }
            lines.append("\(met) of \(probes.count) hypothesis probes within their tolerance.")
        }
        if let measured = verdict.recovery?.measured, verdict.recovery?.limit != nil {
            lines.append("Steady state back within \(NumberText.seconds(measured)) of the undo.")
        }
        return lines.isEmpty ? ["Nothing."] : lines
    }

    private static func open(_ verdict: Verdict, _ report: Report) -> [String] {
        let isVacuous = { (reason: Reason) in
            reason.kind == .invariantNotObserved && reason.effect == .informs
        }
        var lines = verdict.reasons.filter { $0.effect != .deviates && !isVacuous($0) }
            .map(\.text)
        let untested = verdict.invariants.count { $0.isVacuous }
        if untested > 0 {
            let count = NumberText.count(untested, "invariant")
            lines.append("\(count) had nothing to look at and proved nothing.")
        }
        for row in verdict.load where row.window == .total {
            if row.info > 0 {
                let clients = NumberText.count(row.info, "client")
                lines.append("\(clients) never learned how \(row.operation) ended.")
            }
            if row.pending > 0, verdict.run.ending == .completed {
                let count = NumberText.count(
                    row.pending,
                    row.operation,
                    plural: row.operation + "s"
                )
                lines.append("\(count) without an end in the journal.")
            }
        }
        if !verdict.run.mutants.isEmpty {
            let names = verdict.run.mutants.joined(separator: ", ")
            lines.append("The system was broken on purpose: \(names).")
        }
        if !report.problems.isEmpty {
            let count = NumberText.count(report.problems.count, "problem")
            lines.append("The journal has \(count), listed at the end of the report.")
        }
        return lines.isEmpty ? ["Nothing."] : lines
    }
}

extension String {
    /// The text without its closing period.
    var trimmingPeriod: String { hasSuffix(".") ? String(dropLast()) : self }
}
