/// How long a client waits before it tries again: exponential with jitter, bounded.
struct Backoff {
    private var next: Double

    /// The first pause and the longest, in seconds.
    static let first = 0.05
    static let longest = 2.0

    init() { next = Self.first }

    /// The next pause in seconds: half of it fixed, half of it random, so that clients that failed
    /// together do not come back together; at least what the server asks for.
    mutating func pause(retryAfter: Double?, _ random: inout Xoshiro256) -> Double {
        let pause = next * (0.5 + 0.5 * random.unit())
        next = min(Self.longest, next * 2)
        return max(pause, retryAfter ?? 0)
    }
}
