/// How long to wait before the next try: exponential with full jitter, bounded.
///
/// Full jitter (a uniform draw from zero to the exponential bound) spreads the retries of many
/// callers that failed together (Brooker, "Exponential Backoff and Jitter", 2015).
package struct Backoff: Sendable, Equatable {
    /// The bound after the first failure.
    package var base: Duration
    /// The bound after many failures.
    package var cap: Duration

    package init(base: Duration = .milliseconds(50), cap: Duration = .seconds(2)) {
        self.base = base
        self.cap = cap
    }

    /// The longest wait after so many failures (1 or more).
    package func bound(afterFailures count: Int) -> Duration {
        // Beyond 2^20 the cap has won for every sensible base.
        let doublings = min(max(count - 1, 0), 20)
        return min(cap, base * (1 << doublings))
    }

    /// The wait after so many failures; at least what the peer asked for (`Retry-After`).
    package func delay(
        afterFailures count: Int,
        atLeast floor: Duration = .zero,
        using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let bound = bound(afterFailures: count)
        return floor + bound * Double.random(in: 0...1, using: &generator)
    }

    package func delay(afterFailures count: Int, atLeast floor: Duration = .zero) -> Duration {
        var generator = SystemRandomNumberGenerator()
        return delay(afterFailures: count, atLeast: floor, using: &generator)
    }
}
