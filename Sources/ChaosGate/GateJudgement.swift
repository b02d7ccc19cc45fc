internal import ChaosVerdict

/// What the gate says: pass or fail, with the exit status and one line.
package struct GateJudgement: Sendable, Equatable {
    package var results: [GateResult]
    package var score: ResilienceScore
    /// Outcomes that fail the gate.
    package var failing: Set<GateOutcome>

    package init(results: [GateResult], score: ResilienceScore, failOn: Set<GateOutcome>) {
        self.results = results
        self.score = score
        failing = failOn.union(GateOutcome.alwaysFailing)
    }

    /// What keeps the gate shut, in the suite's order.
    package var failures: [GateResult] { results.filter { failing.contains($0.outcome) } }

    package var passes: Bool { failures.isEmpty }

    /// The worst failure decides: 4 undo incomplete, 130 interrupted, 70 failed, 1 deviated or
    /// regressed, 3 aborted, 2 inconclusive or not run, 0 passed.
    package var exitStatus: Int32 {
        let outcomes = Set(failures.map(\.outcome))
        let order: [(GateOutcome, Int32)] = [
            (.undoIncomplete, 4), (.interrupted, 130), (.failed, 70), (.deviated, 1),
            (.regressed, 1), (.aborted, 3), (.inconclusive, 2), (.notRun, 2),
        ]
        return order.first { outcomes.contains($0.0) }?.1 ?? 0
    }

    /// `GATE PASSED: 5 of 5 held, score 100, 4 min 12 s`.
    package var line: String {
        var counts: [String] = []
        for outcome in GateOutcome.allCases {
            let count = results.count { $0.outcome == outcome }
            if count > 0 { counts.append("\(count) \(outcome.rawValue)") }
        }
        let seconds = results.reduce(0) { $0 + $1.seconds }
        return (passes ? "GATE PASSED" : "GATE FAILED")
            + ": \(counts.joined(separator: ", ")) of \(results.count), score "
            + "\(NumberText.decimal(score.value, places: 0)), \(NumberText.seconds(seconds))"
    }
}
