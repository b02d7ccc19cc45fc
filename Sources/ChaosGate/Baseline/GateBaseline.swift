package import ChaosModel

/// What an earlier gate found, and how far figures may move from it.
package struct GateBaseline: Sendable, Equatable {
    /// The latest result of one experiment.
    package struct Record: Sendable, Equatable {
        package var outcome: GateOutcome
        package var at: Timestamp
        package var figures: [GateFigure]

        package init(outcome: GateOutcome, at: Timestamp, figures: [GateFigure]) {
            self.outcome = outcome
            self.at = at
            self.figures = figures
        }
    }

    package var records: [String: Record] = [:]
    package var tolerances = GateTolerances()

    package init() {}

    /// With the results that are new.
    ///
    /// Experiments that did not run to a judgement keep their record.
    package func updated(with results: [GateResult]) -> GateBaseline {
        var updated = self
        for result in results {
            guard [.held, .regressed, .deviated].contains(result.outcome),
                let verdict = result.verdict, let at = result.endedAt
            else { continue }
            updated.records[result.entry.name] = Record(
                outcome: result.outcome,
                at: at,
                figures: GateFigure.all(of: verdict)
            )
        }
        return updated
    }
}

/// How much worse a figure may be than in the baseline.
package struct GateTolerances: Sendable, Equatable {
    /// A share of the baseline's value: 0.5 lets 200 ms become 300 ms.
    package var latency = 0.5
    /// A share: 0.01 lets 99.5 % become 98.5 %.
    package var success = 0.01
    /// A share of the baseline's value.
    package var recovery = 0.5

    /// Below these differences nothing counts as worse: machines are noisy.
    package static let latencyNoise = 25.0
    package static let recoveryNoise = 2.0

    package init() {}

    subscript(kind: GateFigure.Kind) -> Double {
        get {
            switch kind {
            case .latency: latency
            case .success: success
            case .recovery: recovery
            }
        }
        set {
            switch kind {
            case .latency: latency = newValue
            case .success: success = newValue
            case .recovery: recovery = newValue
            }
        }
    }
}
