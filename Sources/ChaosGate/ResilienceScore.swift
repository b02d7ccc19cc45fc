package import ChaosModel
internal import ChaosVerdict

/// One number for a suite, with its arithmetic beside it.
///
/// The mean of the experiments' points by weight: held 100, held but worse than the baseline 75,
/// inconclusive 25, everything else 0. An experiment that did not run counts by its last result in
/// the baseline: 75 when it held within the expiry, 50 when that is longer ago, otherwise 0.
package struct ResilienceScore: Sendable, Equatable {
    /// One experiment's part.
    package struct Part: Sendable, Equatable {
        package var name: String
        /// 0…100.
        package var points: Double
        package var weight: Double
        /// Why not 100; empty when it is.
        package var reason: String
    }

    package var parts: [Part]

    package init(
        _ results: [GateResult],
        baseline: GateBaseline?,
        now: Timestamp,
        expiryDays: Int
    ) {
        parts = results.map { result in
            var part = Part(
                name: result.entry.name,
                points: 0,
                weight: result.entry.weight,
                reason: result.outcome.rawValue
            )
            switch result.outcome {
            case .held: (part.points, part.reason) = (100, "")
            case .regressed: part.points = 75
            case .inconclusive: part.points = 25
            case .notRun:
                let record = baseline?.records[result.entry.name]
                guard let record, record.outcome == .held else { break }
                let days = Int((now.microseconds - record.at.microseconds) / 86_400_000_000)
                part.points = days <= expiryDays ? 75 : 50
                part.reason = "not run, held \(NumberText.count(days, "day")) ago"
            case .deviated, .aborted, .undoIncomplete, .interrupted, .failed: break
            }
            return part
        }
    }

    /// 0…100; 0 without an experiment.
    package var value: Double {
        let weight = parts.reduce(0) { $0 + $1.weight }
        return weight > 0 ? parts.reduce(0) { $0 + $1.points * $1.weight } / weight : 0
    }

    /// `87 = (100 + 100 + 2×75 + 75) ÷ 5`.
    package var arithmetic: String {
        let terms = parts.map { part in
            let points = NumberText.decimal(part.points, places: 0)
            return part.weight == 1 ? points : "\(Quantity.digits(part.weight))×\(points)"
        }
        let weight = Quantity.digits(parts.reduce(0) { $0 + $1.weight })
        let sum = terms.joined(separator: " + ")
        return "\(NumberText.decimal(value, places: 0)) = (\(sum)) ÷ \(weight)"
    }
}
