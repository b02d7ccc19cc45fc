/// When a process that ended is started again: at once slowly, and not for ever.
struct Backoff: Sendable, Hashable {
    /// What to do after an end.
    enum Decision: Hashable, Sendable {
        case restart(after: Duration)
        /// It ended too often in a row.
        case giveUp
    }

    /// The first pause; each further one is twice as long.
    static let pauseMin: Duration = .milliseconds(100)
    static let pauseMax: Duration = .seconds(5)
    /// How many ends in a row are tolerated.
    static let endsMax = 10
    /// A process that lived this long starts counting afresh.
    static let stableAfter: Duration = .seconds(20)

    private(set) var ends = 0

    /// The process ended after `life`.
    mutating func ended(after life: Duration) -> Decision {
        if life >= Self.stableAfter { ends = 0 }
        ends += 1
        guard ends <= Self.endsMax else { return .giveUp }
        let factor = 1 << min(ends - 1, 16)
        return .restart(after: min(Self.pauseMin * factor, Self.pauseMax))
    }
}
