/// Which occurrences of an event a fault hits: every 5th, the 2nd, the first 3, or 10 percent.
///
/// Occurrences are counted per toxic over all connections of its link, from 1.
enum OccurrenceMatch: Sendable, Hashable {
    /// Every n-th occurrence, n ≥ 1; `every(1)` hits each.
    case every(Int)
    /// The n-th occurrence alone, n ≥ 1.
    case nth(Int)
    /// The first n occurrences, n ≥ 1.
    case first(Int)
    /// Each occurrence with this probability, 0 … 100 percent, decided by the seed.
    case percent(Double)

    /// Whether the occurrence is hit; the same arguments always give the same answer.
    ///
    /// `ordinal`: the number of the occurrence, from 1; `seed`: where the dice of `percent` come
    /// from.
    func hits(ordinal: Int, seed: UInt64) -> Bool {
        switch self {
        case .every(let count): return ordinal % count == 0
        case .nth(let number): return ordinal == number
        case .first(let count): return ordinal <= count
        case .percent(let percent):
            let labels = ["match"]
            var dice = SeedStream(seed: seed, labels: labels, ordinal: UInt64(max(0, ordinal)))
            return dice.unit() * 100 < percent
        }
    }
}

/// What a match counts.
enum MatchUnit: String, Sendable, CaseIterable {
    /// Connections that are opened after the toxic was added; those open before are left alone.
    case connection
    /// Pieces of data that reach the toxic, over all connections.
    case chunk
    /// What the toxic's type looks for in a session, such as COMMITs.
    case event
}
