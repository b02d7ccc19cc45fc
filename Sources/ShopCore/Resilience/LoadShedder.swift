/// Turns new work away while the work that is there takes too long; a value, the caller gives the
/// time.
///
/// The wait is what is held divided by what ends a second (Little's law). It is judged only while
/// work has ended steadily for a while: when nothing ends a peer is away, and work waits for it.
package struct LoadShedder: Sendable, Equatable {
    /// A wait that customers accept.
    package static let patience: Duration = .seconds(8)
    /// So little work is never too much.
    package static let heldMin = 256
    /// For how long work must have ended steadily, and over what its rate is taken.
    private static let window: Int64 = 3_000_000_000
    /// Ends further apart than this are not steady.
    private static let gap: Int64 = 1_000_000_000
    /// The window's ends are counted in parts of this length.
    private static let slice: Int64 = 250_000_000

    private var steadySince: Int64 = 0
    private var lastEnd: Int64 = .min / 2
    private var counts: [Int64: Int] = [:]

    package init() {}

    /// A piece of work ended.
    package mutating func ended(now: Int64) {
        if now - lastEnd > Self.gap {
            steadySince = now
            counts = [:]
        }
        lastEnd = now
        let slice = now / Self.slice
        if counts.updateValue((counts[slice] ?? 0) + 1, forKey: slice) == nil {
            counts = counts.filter { $0.key > slice - Self.window / Self.slice }
        }
    }

    /// How long a client should stay away, `nil` when its work is welcome.
    package func refusal(held: Int, now: Int64) -> Duration? {
        guard held > Self.heldMin, now - lastEnd <= Self.gap, now - steadySince >= Self.window
        else { return nil }
        let first = now / Self.slice - Self.window / Self.slice + 1
        let ended = counts.reduce(0) { $1.key >= first ? $0 + $1.value : $0 }
        guard ended > 0 else { return nil }
        let wait = Duration.nanoseconds(now - first * Self.slice) * (Double(held) / Double(ended))
        guard wait > Self.patience else { return nil }
        return min(max(wait - Self.patience, .seconds(1)), .seconds(5))
    }
}
