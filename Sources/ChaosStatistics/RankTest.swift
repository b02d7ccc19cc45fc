/// Whether two sets of values differ in location, without assuming a distribution.
package struct RankTest: Sendable, Equatable {
    /// The probability that a value of the second set exceeds one of the first (ties count half):
    /// 0.5 when they do not differ; the size of the effect.
    package var superiority: Double
    /// The two-sided p-value by the normal approximation with tie correction.
    package var pValue: Double

    /// The Mann–Whitney U test of two histograms; `nil` when either has fewer than 8 values, where
    /// the approximation does not hold, or when their precisions differ.
    ///
    /// Values in the same bucket are ties. Source: Mann & Whitney, Ann. Math. Stat. 18 (1947).
    package init?(_ first: Histogram, _ second: Histogram) {
        guard first.count >= 8, second.count >= 8, first.precision == second.precision else {
            return nil
        }
        let (n1, n2) = (Double(first.count), Double(second.count))
        var (i, j) = (0, 0)
        let (a, b) = (first.buckets, second.buckets)
        var seenFirst = 0.0
        var wins = 0.0
        var tieTerm = 0.0
        while i < a.count || j < b.count {
            let lower = min(
                i < a.count ? a[i].values.lowerBound : .max,
                j < b.count ? b[j].values.lowerBound : .max
            )
            var (x, y) = (0.0, 0.0)
            if i < a.count, a[i].values.lowerBound == lower {
                x = Double(a[i].count)
                i += 1
            }
            if j < b.count, b[j].values.lowerBound == lower {
                y = Double(b[j].count)
                j += 1
            }
            wins += y * (seenFirst + x / 2)
            seenFirst += x
            let t = x + y
            tieTerm += t * t * t - t
        }
        let n = n1 + n2
        let variance = n1 * n2 / 12 * (n + 1 - tieTerm / (n * (n - 1)))
        superiority = wins / (n1 * n2)
        guard variance > 0 else {
            pValue = 1
            return
        }
        let z = (wins - n1 * n2 / 2) / variance.squareRoot()
        pValue = min(1, 2 * Normal.cumulative(-abs(z)))
    }
}
