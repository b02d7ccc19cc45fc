/// How many retries a peer is sent: a share of its requests, and a few a second beside; a value,
/// the caller gives the time.
///
/// Backoff spreads retries over time, but their number still grows with the failures: at one
/// failure in two, a peer that is too slow is asked twice as much. A budget bounds that (Google,
/// "Site Reliability Engineering", ch. 21; Finagle's `RetryBudget`). Nothing is given up for lack
/// of it: a retry comes later.
package struct RetryBudget: Sendable, Equatable {
    /// What each first try adds: one retry for so many requests.
    package static let ratio = 0.2
    /// What each second adds, so that a quiet caller may retry too.
    package static let perSecond = 20.0
    /// The most that is saved up.
    package static let savedMax = 200.0

    private var saved = Self.savedMax
    private var updatedAt: Int64?

    package init() {}

    /// A request went out that was not tried before.
    package mutating func requested(now: Int64) {
        refill(now: now)
        saved = min(saved + Self.ratio, Self.savedMax)
    }

    /// Whether a retry may go out now; counts it.
    package mutating func admitsRetry(now: Int64) -> Bool {
        refill(now: now)
        guard saved >= 1 else { return false }
        saved -= 1
        return true
    }

    /// How long until a retry may go out, zero when it may now.
    package func wait(now: Int64) -> Duration {
        var later = self
        later.refill(now: now)
        guard later.saved < 1 else { return .zero }
        return .seconds((1 - later.saved) / Self.perSecond)
    }

    private mutating func refill(now: Int64) {
        defer { updatedAt = max(now, updatedAt ?? now) }
        guard let updatedAt, now > updatedAt else { return }
        let seconds = Double(now - updatedAt) / 1_000_000_000
        saved = min(saved + seconds * Self.perSecond, Self.savedMax)
    }
}
