package import ChaosJournal
package import ChaosStatistics

/// What the clients of one operation met in one window.
package struct LoadSummary: Sendable, Equatable {
    package enum Window: String, Sendable, CaseIterable {
        /// The undisturbed baseline.
        case before
        /// From the first injection to the last undo.
        case during
        /// From the last undo to the end of the load.
        case after
        /// The whole run, warm-up included.
        case total
    }
    package var window: Window
    package var operation: String
    package var planned: Int
    package var ok: Int
    package var fail: Int
    /// The client does not know.
    package var info: Int
    /// Milliseconds from the planned start, of all that ended; `nil` when nothing did.
    package var p50: Double?
    package var p99: Double?
    package var max: Double?
    /// How the latencies differ from the baseline's; `nil` for the baseline itself, for the whole
    /// run, and where either has too few of them.
    package var againstBaseline: RankTest?
    /// The latencies in microseconds, to be compared with those of another run.
    package var latencies = Histogram()

    /// Operations without an end in the journal.
    package var pending: Int { Swift.max(0, planned - ok - fail - info) }
    /// The share of planned operations that succeeded, 0…1; `nil` when none was planned.
    package var availability: Double? {
        planned == 0 ? nil : Double(ok) / Double(planned)
    }
    /// Where the true share of successes lies, with 95 % confidence; `nil` when none was planned.
    package var availabilityInterval: Interval? {
        Proportion.wilson(successes: ok, trials: planned)
    }
}

/// A phase of the run.
package struct PhaseWindow: Sendable, Equatable {
    package var phase: PhaseChange.Phase
    /// Seconds since the run started.
    package var start: Double
    package var end: Double
}

/// Whether the load generator kept its own timetable.
package struct ObserverHealth: Sendable, Equatable {
    /// A generator later than this in more than one second of twenty is blind; milliseconds.
    package static let lagMax = 100.0
    /// The share of seconds that may be late.
    package static let lateShareMax = 0.05
    /// A generator later than this did not make the load that was planned; milliseconds.
    package static let lagGrave = 1_000.0

    /// The worst second's p99, milliseconds.
    package var lagWorst: Double
    /// Seconds with load, and those of them that were late.
    package var seconds: Int
    package var secondsLate: Int

    /// Whether the latencies prove nothing.
    package var isBlind: Bool {
        seconds > 0 && Double(secondsLate) > Self.lateShareMax * Double(seconds)
    }
}
