import JSON
import Synchronization

/// What a toxic did: hits, occurrences seen by its match, and the last firings.
///
/// Written on the loops that carry the bytes, read by the API without asking them.
final class ToxicTally: Sendable {
    /// How many firings are kept; the oldest go first.
    static let firingsMax = 10_000

    /// One occurrence that was hit.
    struct Firing: Sendable {
        /// 1, 2, 3 … within the toxic.
        var ordinal: Int
        /// Wall clock, microseconds since the epoch.
        var wallMicroseconds: Int64
        /// The connection's name (`c17`).
        var connection: String
        var detail: JSONObject
    }

    private let hitCount = Atomic<Int>(0)
    private let occurrenceCount = Atomic<Int>(0)
    private let connectionCount = Atomic<UInt64>(0)
    private let lineFreeAt = Atomic<Int64>(0)
    private let log = Mutex<[Firing]>([])

    /// How often the toxic hit.
    var hits: Int { hitCount.load(ordering: .relaxed) }

    /// How many events its match was asked about.
    var occurrences: Int { occurrenceCount.load(ordering: .relaxed) }

    /// The number of the last connection that was accepted before the toxic was added.
    var connectionsBefore: UInt64 { connectionCount.load(ordering: .relaxed) }

    /// The toxic is added: what a match by connection counts begins behind this connection.
    func begin(after connection: UInt64) {
        connectionCount.store(connection, ordering: .relaxed)
    }

    /// Takes the next turn on a line that all connections share.
    ///
    /// - Parameters:
    ///   - length: How long the turn lasts, nanoseconds.
    ///   - now: Monotonic nanoseconds.
    /// - Returns: When the turn ends.
    func reserve(_ length: Int64, now: Int64) -> Int64 {
        var free = lineFreeAt.load(ordering: .relaxed)
        while true {
            let end = max(free, now) + length
            let result = lineFreeAt.compareExchange(
                expected: free,
                desired: end,
                ordering: .relaxed
            )
            if result.exchanged { return end }
            free = result.original
        }
    }

    func addHits(_ count: Int) {
        hitCount.wrappingAdd(count, ordering: .relaxed)
    }

    /// Counts an event and returns its ordinal, from 1.
    func nextOccurrence() -> Int {
        occurrenceCount.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Counts a hit and records it.
    func fire(wallMicroseconds: Int64, connection: String, detail: JSONObject) {
        let ordinal = hitCount.wrappingAdd(1, ordering: .relaxed).newValue
        let firing = Firing(
            ordinal: ordinal,
            wallMicroseconds: wallMicroseconds,
            connection: connection,
            detail: detail
        )
        log.withLock { firings in
            // Dropping a tenth at a time keeps the cost of the bound away from the single firing.
            if firings.count >= ToxicTally.firingsMax {
                firings.removeFirst(ToxicTally.firingsMax / 10)
            }
            firings.append(firing)
        }
    }

    /// The kept firings whose ordinal is above `ordinal`, oldest first.
    func firings(since ordinal: Int) -> [Firing] {
        log.withLock { firings in firings.filter { $0.ordinal > ordinal } }
    }
}
