/// A figure that is worse than the baseline allows.
package struct GateRegression: Sendable, Equatable {
    package var figure: GateFigure
    package var before: Double
    /// The worst value that would still have passed.
    package var limit: Double

    /// `checkout p99 during the fault: 812 ms, was 300 ms, at most 450 ms`.
    package var text: String {
        let bound = figure.kind == .success ? "at least" : "at most"
        return "\(figure.name): \(figure.text), was \(GateFigure.text(before, figure.kind)), "
            + "\(bound) \(GateFigure.text(limit, figure.kind))"
    }
}

/// Holds results against a baseline.
package enum GateComparison {
    /// The result with its regressions; one that held and is worse than it may be has *regressed*.
    package static func compared(_ result: GateResult, with baseline: GateBaseline) -> GateResult {
        guard let verdict = result.verdict, let record = baseline.records[result.entry.name] else {
            return result
        }
        var compared = result
        compared.regressions = GateFigure.all(of: verdict).compactMap { figure in
            let same = record.figures.first { $0.name == figure.name && $0.kind == figure.kind }
            return same.flatMap { regression(figure, before: $0.value, baseline.tolerances) }
        }
        if compared.outcome == .held, !compared.regressions.isEmpty {
            compared.outcome = .regressed
        }
        return compared
    }

    private static func regression(
        _ figure: GateFigure,
        before: Double,
        _ tolerances: GateTolerances
    ) -> GateRegression? {
        let tolerance = tolerances[figure.kind]
        let limit: Double
        switch figure.kind {
        case .latency: limit = before + max(before * tolerance, GateTolerances.latencyNoise)
        case .recovery: limit = before + max(before * tolerance, GateTolerances.recoveryNoise)
        case .success: limit = max(0, before - tolerance)
        }
        let isWorse = figure.kind == .success ? figure.value < limit : figure.value > limit
        return isWorse ? GateRegression(figure: figure, before: before, limit: limit) : nil
    }
}
