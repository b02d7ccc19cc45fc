internal import Glibc

/// How a delay is spread around its mean; each with mean 0 and the jitter as its measure.
package enum DelayDistribution: String, Sendable, CaseIterable {
    /// Evenly; the jitter is half the range.
    case uniform
    /// The bell; the jitter is the standard deviation.
    case normal
    /// Many a little early, few very late (shape 3); the jitter is the standard deviation.
    case pareto
    /// A quarter normal and three quarters Pareto, as tc's table of that name; likewise.
    case paretonormal

    /// The inverse of the distribution, as netem draws from it: jitters in units of 1/8192.
    package var table: [Int16] {
        switch self {
        case .uniform: Self.uniformTable
        case .normal: Self.normalTable
        case .pareto: Self.paretoTable
        case .paretonormal: Self.paretonormalTable
        }
    }

    /// netem's `NETEM_DIST_SCALE`: one jitter.
    package static let scale = 8192.0
    /// The length of tc's tables; the kernel takes up to 16,384.
    private static let length = 4096

    private static let uniformTable = makeTable(isStandardised: false) { 2 * $0 - 1 }
    private static let normalTable = makeTable(isStandardised: true, normalQuantile)
    private static let paretoTable = makeTable(isStandardised: true, paretoQuantile)
    private static let paretonormalTable = makeTable(isStandardised: true) {
        0.25 * normalQuantile($0) + 0.75 * paretoQuantile($0)
    }

    /// Samples a quantile function in the middle of equal steps.
    private static func makeTable(
        isStandardised: Bool,
        _ quantile: (Double) -> Double
    ) -> [Int16] {
        var values = (0..<length).map { quantile((Double($0) + 0.5) / Double(length)) }
        // A table reaches to 4 jitters: what a long tail loses by that, the rest has to make good.
        if isStandardised { for _ in 0..<8 { standardise(&values) } }
        return values.map { Int16(clamping: Int(($0 * scale).rounded())) }
    }

    private static func standardise(_ values: inout [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let most = Double(Int16.max) / scale
        values = values.map { min(most, max(-most, ($0 - mean) / variance.squareRoot())) }
    }

    /// Shape 3, centred and scaled by its mean 3/2 and its standard deviation √(3/4).
    private static func paretoQuantile(_ share: Double) -> Double {
        (pow(1 - share, -1.0 / 3.0) - 1.5) / 0.75.squareRoot()
    }

    /// Solves `share = Φ(x)` by Newton's method.
    private static func normalQuantile(_ share: Double) -> Double {
        var x = 0.0
        for _ in 0..<60 {
            let error = 0.5 * erfc(-x / 2.0.squareRoot()) - share
            let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            // Far out the tangent is flat: never more than one jitter in a step.
            let step = min(1, max(-1, error / density))
            x -= step
            if abs(step) < 1e-12 { break }
        }
        return x
    }
}
