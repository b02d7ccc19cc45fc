/// A rate limit: so many requests a second, with a burst of one second's worth; a value.
package struct TokenBucket: Sendable, Equatable {
    /// Tokens per second, 1 or more.
    package let rate: Int
    private var tokens: Double
    private var updatedAt: Int64

    package init(rate: Int, now: Int64) {
        precondition(rate >= 1, "a rate limit of nothing lets nobody in")
        self.rate = rate
        tokens = Double(rate)
        updatedAt = now
    }

    /// Takes a token if there is one; time is in nanoseconds and never runs backwards.
    package mutating func take(now: Int64) -> Bool {
        let elapsed = Double(max(0, now - updatedAt)) / 1_000_000_000
        tokens = min(Double(rate), tokens + elapsed * Double(rate))
        updatedAt = max(updatedAt, now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
