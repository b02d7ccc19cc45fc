package import ChaosModel
import Glibc

/// When arrivals are planned: a pure function of rate, kind and seed.
package struct ArrivalSchedule: Sendable {
    private let interval: Double
    private let kind: LoadProfile.Arrivals
    private var random: Xoshiro256
    private var number = 0
    /// Seconds of the last Poisson arrival.
    private var elapsed = 0.0

    /// Traps when the rate is not above 0.
    ///
    /// - Parameters:
    ///   - ratePerSecond: mean arrivals per second.
    ///   - kind: constant: evenly spaced; Poisson: independent exponential gaps, as customers come.
    ///   - seed: the run's.
    package init(ratePerSecond: Double, kind: LoadProfile.Arrivals, seed: UInt64) {
        precondition(ratePerSecond > 0 && ratePerSecond.isFinite, "a rate is above 0")
        interval = 1 / ratePerSecond
        self.kind = kind
        random = Xoshiro256(seed: seed)
    }

    /// Nanoseconds from the start of the load to the next arrival; never descending.
    package mutating func next() -> Int64 {
        number += 1
        switch kind {
        case .constant:
            // From the number, not from the last one: rounding does not add up.
            return Int64(Double(number) * interval * 1e9)
        case .poisson:
            // 1 - unit() is above 0: the logarithm is finite.
            elapsed += -log(1 - random.unit()) * interval
            return Int64(elapsed * 1e9)
        }
    }
}
