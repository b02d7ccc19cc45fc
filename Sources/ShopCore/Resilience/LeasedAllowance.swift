/// One caller's part of a rate that several share: tokens leased in batches from where the whole
/// rate is kept; a value, the caller gives the time.
///
/// ```
/// request ─▶ a leased token? ─yes─▶ in
///              └no─▶ is the pot known to be empty? ─yes─▶ out, for a moment
///                      └no─▶ in on trust; the next lease pays the debt
/// lease fails ─▶ for a second, a bucket of this caller's own decides
/// ```
/// What all let in together is the rate, its burst, and a lease for each of them.
package struct LeasedAllowance: Sendable, Equatable {
    /// A lease is this part of a second's worth; clients of small rates have none.
    package static let leasesPerSecond = 10
    /// Leased tokens that were not used by then are void.
    static let life: Int64 = 1_000_000_000
    /// For how long an empty pot is not asked again.
    static let pause: Int64 = 50_000_000
    /// For how long the own bucket decides when the pot cannot be asked.
    static let absence: Int64 = 1_000_000_000

    package let rate: Int
    private var tokens = 0
    private var debt = 0
    private var leasedAt: Int64 = 0
    private var emptyUntil: Int64 = .min
    private var awayUntil: Int64 = .min
    private var isAsking = false
    /// What this caller let in, should it have to decide alone.
    private var own: TokenBucket

    package init(rate: Int, now: Int64) {
        self.rate = rate
        own = TokenBucket(rate: rate, now: now)
    }

    private var lease: Int { rate / Self.leasesPerSecond }

    /// Takes a request if there is room for it.
    package mutating func take(now: Int64) -> Bool {
        if now - leasedAt > Self.life { tokens = 0 }
        if tokens > 0 {
            tokens -= 1
            _ = own.take(now: now)
            return true
        }
        if now < awayUntil { return own.take(now: now) }
        guard now >= emptyUntil, debt < max(1, lease), own.take(now: now) else { return false }
        debt += 1
        return true
    }

    /// How many tokens to lease now; `nil` when there are enough, or an answer is awaited.
    ///
    /// Must be followed by `leased` or `failed`.
    package mutating func asks(now: Int64) -> Int? {
        guard !isAsking, now >= emptyUntil, now >= awayUntil else { return nil }
        guard debt > 0 || tokens < (lease + 1) / 2 else { return nil }
        isAsking = true
        return debt + lease
    }

    /// The pot gave so many of the tokens that were asked for.
    package mutating func leased(_ count: Int, of asked: Int, now: Int64) {
        isAsking = false
        let paid = min(count, debt)
        debt -= paid
        tokens = min(tokens, lease) + count - paid
        leasedAt = now
        if count < asked { emptyUntil = now + Self.pause }
    }

    /// The pot could not be asked.
    package mutating func failed(now: Int64) {
        isAsking = false
        // Nobody knows what the pot holds: the own bucket has counted these requests.
        debt = 0
        awayUntil = now + Self.absence
    }
}
