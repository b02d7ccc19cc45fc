/// Times the COMMITs of one session, from the client's request to the leaving of the answer.
///
/// The answer has left when as many bytes went to the client as were received up to its end, so
/// what toxics hold back is included. Toxics that lose bytes make the marks unreachable: the
/// session is nonsense then, and nothing more is timed. In a pipeline the time counts from its
/// last bytes.
struct CommitClock {
    /// Answers under way at a time; more are not timed.
    private static let pendingMax = 16

    private var askedAt: Int64 = 0
    private var pending: [(mark: Int, askedAt: Int64)] = []

    /// The client sent something.
    mutating func asked(now: Int64) { askedAt = now }

    /// An acknowledgement was received; it ends behind this many bytes of the server.
    mutating func acknowledged(mark: Int) {
        guard pending.count < CommitClock.pendingMax, askedAt > 0 else { return }
        pending.append((mark, askedAt))
    }

    /// How many bytes must have left for the client before the next answer has.
    var nextMark: Int { pending.first?.mark ?? .max }

    /// When the request of the next answer came, if that answer has left.
    mutating func left(byteCount: Int) -> Int64? {
        guard let first = pending.first, byteCount >= first.mark else { return nil }
        pending.removeFirst()
        return first.askedAt
    }
}
