import func Glibc.erfc
import func Glibc.exp
import func Glibc.lgamma_r
import func Glibc.log
import func Glibc.log1p

/// The standard normal distribution.
package enum Normal {
    /// The probability of a value at or below `x`.
    package static func cumulative(_ x: Double) -> Double {
        0.5 * erfc(-x / 2.0.squareRoot())
    }

    /// The value below which a standard normal variable lies with probability `p` (0 < p < 1).
    ///
    /// By bisection of `cumulative`: exact to double precision and free of coefficient tables.
    package static func quantile(_ p: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if cumulative(middle) < p { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

/// The number of successes in independent trials.
struct Binomial {
    let trials: Int
    /// Above 0, below 1.
    let probability: Double

    /// The probability of at most `k` successes.
    func cumulative(_ k: Int) -> Double {
        if k < 0 { return 0 }
        if k >= trials { return 1 }
        // P(B ≤ k) = I(1-p; n-k, k+1).
        return IncompleteBeta.regularized(
            1 - probability,
            Double(trials - k),
            Double(k + 1)
        )
    }

    /// The largest number from 0 to `trials + 1` for which a property holds that holds for 0 and,
    /// once lost, stays lost.
    func largest(where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, trials + 1)
        while low < high {
            let middle = low + (high - low + 1) / 2
            if holds(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

/// The regularised incomplete beta function.
enum IncompleteBeta {
    /// `I(x; a, b)` for 0 ≤ x ≤ 1, a, b > 0, by Lentz's continued fraction.
    ///
    /// Source: Press et al., Numerical Recipes, §6.4.
    static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        let logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
        // The fraction converges fast on this side of the mean; use the symmetry on the other.
        if x < (a + 1) / (a + b + 2) {
            return exp(logFront) * fraction(x, a, b) / a
        }
        return 1 - exp(logFront) * fraction(1 - x, b, a) / b
    }

    private static func logGamma(_ x: Double) -> Double {
        var sign: Int32 = 0
        return unsafe lgamma_r(x, &sign)
    }

    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func lifted(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / lifted(1 - (a + b) * x / (a + 1))
        var result = d
        // Needs some √max(a, b) rounds: 2,000 are enough for 10^6 trials and more.
        for round in 1...10_000 {
            let m = Double(round)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / lifted(1 + even * d)
            c = lifted(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / lifted(1 + odd * d)
            c = lifted(1 + odd / c)
            let step = d * c
            result *= step
            if abs(step - 1) < 1e-15 { break }
        }
        return result
    }
}
