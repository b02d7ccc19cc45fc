internal import ChaosReport

extension GateJudgement {
    /// JUnit XML: a suite for each experiment, a case for each of its promises.
    package var junit: String {
        let suites = results.map { result in
            if let verdict = result.verdict, result.outcome != .failed {
                var suite = JUnitSuite(verdict)
                suite.name = result.entry.name
                suite.cases += result.regressions.map { regression in
                    JUnitCase(
                        name: "baseline: \(regression.figure.name)",
                        seconds: 0,
                        result: .failure(kind: "regressed", text: regression.text)
                    )
                }
                return suite
            }
            let outcome: JUnitCase.Result =
                result.outcome == .notRun
                ? .skipped(result.sentence)
                : .error(kind: result.outcome.rawValue, text: result.sentence)
            return JUnitSuite(
                name: result.entry.name,
                seconds: result.seconds,
                startedAt: nil,
                cases: [JUnitCase(name: "run", seconds: result.seconds, result: outcome)]
            )
        }
        return JUnitDocument(name: "chaos gate", suites: suites).xml
    }
}
