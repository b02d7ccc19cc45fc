import ShopCore

/// The ways in which the processor was told to misbehave; a value, the caller gives the time.
///
/// ```
/// request ─▶ each behaviour in turn: over? spent? does the seed hit this number? ─▶ fate
/// ```
/// Which requests a behaviour hits, its seed and their number decide, and nothing else.
struct Behaviours: Sendable {
    /// How many there may be at a time.
    static let countMax = 16

    /// One of them, and what it did so far.
    struct Entry: Sendable, Equatable {
        let name: String
        let rule: BehaviourRequest
        /// On the caller's clock, nanoseconds.
        var until: Int64
        /// Those that it might have hit.
        var requests: Int64 = 0
        var hits: Int64 = 0

        /// Whether the next request is hit.
        fileprivate var hitsNext: Bool {
            hits < rule.times ?? .max && Behaviours.draw(rule.seed, requests) < rule.share
        }
    }

    /// What becomes of one request.
    struct Fate: Sendable, Equatable {
        var delayMilliseconds: Int64 = 0
        var failure: BehaviourRequest.Failure?
        /// How often the answer is sent.
        var answers: Int64 = 1
    }

    private var entries: [Entry] = []

    /// Those in force, in the order in which they were told.
    mutating func all(now: Int64) -> [Entry] {
        entries.removeAll { $0.until <= now }
        return entries
    }

    /// What becomes of the next request that acts.
    mutating func next(now: Int64) -> Fate {
        entries.removeAll { $0.until <= now }
        var fate = Fate()
        for index in entries.indices {
            let rule = entries[index].rule
            // What has failed already cannot fail in another way.
            let canHit = rule.failure == nil || fate.failure == nil
            if canHit, entries[index].hitsNext {
                entries[index].hits += 1
                fate.delayMilliseconds += rule.delayMilliseconds
                fate.failure = fate.failure ?? rule.failure
                fate.answers = max(fate.answers, rule.answers)
            }
            entries[index].requests += 1
        }
        return fate
    }

    /// Puts a behaviour in force, in place of a former one of the name, whose counts end with it.
    ///
    /// `nil`: there are too many.
    mutating func put(
        _ name: String,
        _ rule: BehaviourRequest,
        now: Int64
    ) -> (entry: Entry, isNew: Bool)? {
        entries.removeAll { $0.until <= now }
        let entry = Entry(
            name: name,
            rule: rule,
            until: Self.end(now, rule.leaseMilliseconds)
        )
        if let index = index(of: name) {
            entries[index] = entry
            return (entry, false)
        }
        guard entries.count < Self.countMax else { return nil }
        entries.append(entry)
        return (entry, true)
    }

    /// Lets a behaviour end at another time; `nil`: it is not in force.
    mutating func renew(_ name: String, leaseMilliseconds: Int64, now: Int64) -> Entry? {
        entries.removeAll { $0.until <= now }
        guard let index = index(of: name) else { return nil }
        entries[index].until = Self.end(now, leaseMilliseconds)
        return entries[index]
    }

    /// Ends a behaviour; `nil`: it is not in force.
    mutating func remove(_ name: String, now: Int64) -> Entry? {
        entries.removeAll { $0.until <= now }
        return index(of: name).map { entries.remove(at: $0) }
    }

    private func index(of name: String) -> Int? { entries.firstIndex { $0.name == name } }

    private static func end(_ now: Int64, _ milliseconds: Int64) -> Int64 {
        now + milliseconds * 1_000_000
    }

    /// From 0 to just below 1, by the output function of SplitMix64 (Steele, Lea and Flood, 2014).
    private static func draw(_ seed: Int64, _ number: Int64) -> Double {
        let step: UInt64 = 0x9E37_79B9_7F4A_7C15
        var value = UInt64(bitPattern: seed) &+ UInt64(bitPattern: number &+ 1) &* step
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((value ^ (value >> 31)) >> 11) * 0x1p-53
    }
}
