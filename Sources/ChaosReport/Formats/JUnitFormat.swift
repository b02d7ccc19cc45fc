internal import ChaosModel
package import ChaosVerdict
internal import JSON

extension ReportFormat {
    /// One case for each probe, invariant and fault.
    package static let junit = ReportFormat(
        name: "junit",
        summary: "JUnit XML for CI: a case for each probe, invariant and fault.",
        fileExtension: "xml",
        mediaType: "application/xml"
    ) { report in
        let suite = JUnitSuite(report.verdict)
        return Array(JUnitDocument(name: "chaos", suites: [suite]).xml.utf8)
    }
}

/// A promise of an experiment as CI counts it.
package struct JUnitCase: Sendable, Equatable {
    package enum Result: Sendable, Equatable {
        case passed
        /// The system broke the promise.
        case failure(kind: String, text: String)
        /// It could not be judged.
        case error(kind: String, text: String)
        case skipped(String)
    }

    package var name: String
    package var seconds: Double
    package var result: Result

    package init(name: String, seconds: Double, result: Result) {
        self.name = name
        self.seconds = seconds
        self.result = result
    }
}

/// The cases of one run.
package struct JUnitSuite: Sendable, Equatable {
    package var name: String
    package var seconds: Double
    /// RFC 3339.
    package var startedAt: String?
    package var cases: [JUnitCase]

    package init(name: String, seconds: Double, startedAt: String?, cases: [JUnitCase]) {
        self.name = name
        self.seconds = seconds
        self.startedAt = startedAt
        self.cases = cases
    }

    /// The verdict itself is the first case, so that no reason is lost.
    package init(_ verdict: Verdict) {
        name = verdict.run.title
        seconds = verdict.run.duration
        startedAt = verdict.run.startedAt?.rfc3339
        cases = [Self.verdict(verdict)]
        cases += verdict.hypothesis.rows.map(Self.probe)
        cases += verdict.invariants.map(Self.invariant)
        cases += verdict.faults.map(Self.fault)
    }

    private static func verdict(_ verdict: Verdict) -> JUnitCase {
        let others = verdict.reasons.map(\.text).filter { $0 != verdict.sentence }
        let reasons = ([verdict.sentence] + others).joined(separator: "\n")
        let result: JUnitCase.Result =
            switch verdict.exitStatus {
            case 0: .passed
            case 1: .failure(kind: "deviated", text: reasons)
            case 4: .error(kind: "undo-incomplete", text: reasons)
            default: .error(kind: verdict.outcome.rawValue, text: reasons)
            }
        return JUnitCase(name: "verdict", seconds: verdict.run.duration, result: result)
    }

    private static func probe(_ row: HypothesisRow) -> JUnitCase {
        let cells = row.cells.map { cell in
            let value = NumberText.value(cell.observed, unit: row.unit)
            return "\(cell.phase.rawValue): \(cell.error ?? value)"
        }
        let tolerated = row.tolerance.isEmpty ? [] : ["tolerated: \(row.tolerance)"]
        let seen = cells.isEmpty ? ["It was never read."] : cells
        let text = (tolerated + seen).joined(separator: "\n")
        let result: JUnitCase.Result =
            switch row.met {
            case true?: .passed
            case false?: .failure(kind: "out-of-tolerance", text: text)
            case nil: .error(kind: "not-judged", text: text)
            }
        return JUnitCase(name: "probe: \(row.name)", seconds: 0, result: result)
    }

    private static func invariant(_ row: InvariantRow) -> JUnitCase {
        let witnesses = row.witnesses.prefix(5).map { witness in
            witness.members.map { "\($0.name) \($0.value.serialized())" }.joined(separator: ", ")
        }
        let head = "\(row.statement) \(row.violations) of \(row.checked) violate it."
        let result: JUnitCase.Result =
            switch row.holds {
            case true?: .passed
            case false?:
                .failure(
                    kind: "invariant-violated",
                    text: ([head] + witnesses).joined(separator: "\n")
                )
            case nil: .error(kind: "not-observed", text: row.error ?? row.statement)
            }
        return JUnitCase(name: "invariant: \(row.name)", seconds: 0, result: result)
    }

    private static func fault(_ row: FaultRow) -> JUnitCase {
        let name = "fault: \(row.function) on \(row.target)"
        let span = (row.undoneAt ?? 0) - (row.injectedAt ?? 0)
        let result: JUnitCase.Result =
            switch (row.undo, row.proof) {
            case (.failed(let reason), _): .error(kind: "undo-incomplete", text: reason)
            case (.missing, _): .error(kind: "undo-incomplete", text: "The run did not undo it.")
            case (_, .unproven(let reason)): .error(kind: "no-effect", text: reason)
            case (_, .notInjected(let reason)): .error(kind: "not-injected", text: reason)
            case (_, .proven): .passed
            }
        return JUnitCase(name: name, seconds: max(0, span), result: result)
    }
}
