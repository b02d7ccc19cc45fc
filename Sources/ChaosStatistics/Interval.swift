/// An estimate with the range in which the truth lies with a stated confidence.
package struct Interval: Sendable, Equatable {
    package var estimate: Double
    package var lower: Double
    package var upper: Double
    /// How often ranges made like this one contain the truth, at least: 0 to 1.
    package var confidence: Double

    package init(estimate: Double, lower: Double, upper: Double, confidence: Double) {
        self.estimate = estimate
        self.lower = lower
        self.upper = upper
        self.confidence = confidence
    }
}

extension Histogram {
    /// A quantile with its confidence interval by order statistics; assumes no distribution.
    ///
    /// The number of values at or below the true quantile is binomial: the interval goes from the
    /// rank below to the rank above which that number lies with the confidence asked for. `nil`
    /// when there are too few values for the upper end to be among them (for p99 at 95 %: fewer
    /// than 368). Source: Hahn & Meeker, Statistical Intervals, §5.2.
    /// - Parameters:
    ///   - quantile: above 0, below 1.
    ///   - confidence: above 0, below 1.
    /// - Returns: the quantile with its range.
    package func interval(atQuantile quantile: Double, confidence: Double = 0.95) -> Interval? {
        guard count > 0, quantile > 0, quantile < 1, confidence > 0, confidence < 1,
            let estimate = value(atQuantile: quantile)
        else { return nil }
        let tail = (1 - confidence) / 2
        let binomial = Binomial(trials: count, probability: quantile)
        // P(B < lower) ≤ tail and P(B ≥ upper) ≤ tail for B ~ Bin(count, quantile).
        let lowerRank = binomial.largest { binomial.cumulative($0 - 1) <= tail }
        let upperRank = binomial.largest { binomial.cumulative($0 - 1) < 1 - tail } + 1
        guard upperRank <= count, let upper = value(atRank: upperRank) else { return nil }
        // Too few values for a lower end among them: all that is known is that none is negative.
        let lower = value(atRank: lowerRank) ?? 0
        return Interval(
            estimate: Double(estimate),
            lower: Double(lower),
            upper: Double(upper),
            confidence: confidence
        )
    }
}

/// A share of successes among trials.
package enum Proportion {
    /// Wilson's score interval: stays within 0…1 and is right for small counts and extreme shares.
    ///
    /// `nil` when there were no trials or more successes than trials.
    /// Source: E. B. Wilson, JASA 22 (1927).
    package static func wilson(
        successes: Int,
        trials: Int,
        confidence: Double = 0.95
    ) -> Interval? {
        guard trials > 0, successes >= 0, successes <= trials, confidence > 0, confidence < 1 else {
            return nil
        }
        let z = Normal.quantile(1 - (1 - confidence) / 2)
        let n = Double(trials)
        let share = Double(successes) / n
        let denominator = 1 + z * z / n
        let centre = (share + z * z / (2 * n)) / denominator
        let spread = z / denominator * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return Interval(
            estimate: share,
            lower: successes == 0 ? 0 : max(0, centre - spread),
            upper: successes == trials ? 1 : min(1, centre + spread),
            confidence: confidence
        )
    }
}
