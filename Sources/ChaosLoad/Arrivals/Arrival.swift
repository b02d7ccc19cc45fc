/// One client that comes.
struct Arrival: Sendable {
    /// 1, 2, 3 … in the order in which they were planned.
    var number: Int
    /// When it should start and when it gives up, on the monotonic clock.
    var planned: Int64
    var deadline: Int64
    /// The idempotency key of what it orders; not repeated by another run with the same seed, which
    /// may meet the same system.
    var key: String
    /// Decides what it does: a stream of its own, whatever the others do.
    var random: Xoshiro256
}
