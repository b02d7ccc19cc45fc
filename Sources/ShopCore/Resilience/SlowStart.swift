/// Lets a peer that has just recovered warm up: requests are let through at a rate that grows; a
/// value, the caller gives the time.
///
/// After t seconds 4 + 20 t + 50 t² requests have been let through; after four seconds all are.
package struct SlowStart: Sendable, Equatable {
    /// How long a peer warms up.
    package static let length: Duration = .seconds(4)
    /// How long who was not let through should wait.
    private static let pause: Duration = .milliseconds(25)

    private var since: Int64?
    private var admitted = 0

    package init() {}

    /// The peer is back.
    package mutating func begin(now: Int64) {
        since = now
        admitted = 0
    }

    /// The peer is gone again, or warm.
    package mutating func end() { since = nil }

    /// Whether one more request may go out now; counts it.
    package mutating func admits(now: Int64) -> Bool {
        guard wait(now: now) == .zero else { return false }
        if since != nil { admitted += 1 }
        return true
    }

    /// How long until one more request may go out, zero when it may now.
    package func wait(now: Int64) -> Duration {
        guard let since, now - since < Self.length.nanoseconds else { return .zero }
        let seconds = Double(max(0, now - since)) / 1_000_000_000
        let allowance = 4 + 20 * seconds + 50 * seconds * seconds
        return Double(admitted) < allowance ? .zero : Self.pause
    }
}
