package import ChaosStatistics

/// What a link carried since it was made; counted on its data loop, copied for readers.
package struct LinkTallies: Sendable {
    /// Clients that were accepted and for which a server was dialled.
    package var accepted = 0
    /// Connections that are open now.
    package var open = 0
    /// Bytes read from clients.
    package var bytesUpstream = 0
    /// Bytes read from the server.
    package var bytesDownstream = 0
    /// Statements that a watched server completed.
    package var statements = 0
    /// Transactions in which a statement completed and after which the server was idle again.
    package var transactions = 0
    /// Transactions that a COMMIT closed.
    package var commits = 0
    /// From a client's COMMIT to the moment its acknowledgement left for the client, microseconds.
    package var commitLatency = Histogram(precision: 7)

    package init() {}

    /// Adds what another port of the same link carried.
    mutating func merge(_ other: LinkTallies) {
        accepted += other.accepted
        open += other.open
        bytesUpstream += other.bytesUpstream
        bytesDownstream += other.bytesDownstream
        statements += other.statements
        transactions += other.transactions
        commits += other.commits
        commitLatency.merge(other.commitLatency)
    }

    /// Adds what a connection carried.
    mutating func add(_ connection: Connection) {
        bytesUpstream += connection.pipe(.upstream)?.bytesReceived ?? 0
        bytesDownstream += connection.pipe(.downstream)?.bytesReceived ?? 0
        guard let session = connection.session?.summary else { return }
        statements += session.statements
        transactions += session.transactions
        commits += session.commits
    }
}

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
