/// Stops asking a peer that keeps failing, and tries again carefully; a value, the caller gives the
/// time.
///
/// closed ─`threshold` failures in a row─▶ open ─`openFor` later─▶ half-open: one probe at a time
///   ▲───────────────────────probe succeeds───────────────┘ └─probe fails─▶ open
package struct CircuitBreaker: Sendable, Equatable {
    /// Where the breaker is.
    package enum State: Hashable, Sendable {
        case closed(failures: Int)
        /// Nothing passes before this instant (nanoseconds of the caller's monotonic clock).
        case open(until: Int64)
        /// One probe is on its way; when it has not answered by then, another may go.
        case halfOpen(probeUntil: Int64)
    }

    package private(set) var state: State = .closed(failures: 0)
    /// How many failures in a row open it, 1 or more.
    package let threshold: Int
    /// How long it stays open; also how long a lost probe blocks the next.
    package let openFor: Duration

    package init(threshold: Int = 5, openFor: Duration = .milliseconds(500)) {
        precondition(threshold >= 1 && openFor > .zero, "a breaker needs a threshold and a time")
        self.threshold = threshold
        self.openFor = openFor
    }

    /// Whether a request may go out now; an admitted one must be followed by `succeeded` or
    /// `failed`.
    package mutating func admits(now: Int64) -> Bool {
        switch state {
        case .closed: return true
        case .open(let until), .halfOpen(let until):
            guard now >= until else { return false }
            state = .halfOpen(probeUntil: now + openFor.nanoseconds)
            return true
        }
    }

    /// An admitted request was answered by a working peer (also with a refusal).
    package mutating func succeeded() {
        state = .closed(failures: 0)
    }

    /// An admitted request failed: no answer, or the peer said that it cannot work.
    package mutating func failed(now: Int64) {
        switch state {
        case .closed(let failures) where failures + 1 < threshold:
            state = .closed(failures: failures + 1)
        case .closed, .halfOpen: state = .open(until: now + openFor.nanoseconds)
        case .open: break
        }
    }

    /// How long until a request may go out, zero when it may now.
    package func wait(now: Int64) -> Duration {
        switch state {
        case .closed: .zero
        case .open(let until), .halfOpen(let until): .nanoseconds(max(0, until - now))
        }
    }

    package var isOpen: Bool { if case .open = state { true } else { false } }
}

extension Duration {
    /// Whole nanoseconds; durations beyond 292 years are cut.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000).0
    }
}
