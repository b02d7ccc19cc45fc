package import ChaosStatistics

/// What a proxy has carried so far, its open connections included.
///
/// Counted on the data loops, a port on each; readers get the sum.
package struct LinkTraffic: Sendable, Equatable {
    /// What one direction carried.
    package struct Way: Sendable, Equatable {
        /// Bytes read from the source.
        package var received = 0
        /// Bytes written to the target.
        package var sent = 0
        /// How long chunks were held by toxics.
        var added = LatencyHistogram()

        static func += (sum: inout Way, other: Way) {
            sum.received += other.received
            sum.sent += other.sent
            sum.added += other.added
        }
    }

    /// Clients that were accepted.
    package var accepted = 0
    /// Connections that are open or being dialled.
    package var open = 0
    /// Connections whose server accepted, since the proxy was created.
    package var opened = 0
    /// Connections whose server refused or did not answer.
    package var refused = 0
    /// From clients to the server.
    package var upstream = Way()
    /// From the server to clients.
    package var downstream = Way()
    /// From the first byte of a request to the first byte of its answer, as the client sees it.
    var requests = LatencyHistogram()
    /// Statements that a watched server completed.
    package var statements = 0
    /// Transactions in which a statement completed and after which the server was idle again.
    package var transactions = 0
    /// Transactions that a COMMIT closed.
    package var commits = 0
    /// From a client's COMMIT to the moment its acknowledgement left for the client, microseconds.
    package var commitLatency = Histogram(precision: 7)

    package init() {}

    static func += (sum: inout LinkTraffic, other: LinkTraffic) {
        sum.accepted += other.accepted
        sum.open += other.open
        sum.opened += other.opened
        sum.refused += other.refused
        sum.upstream += other.upstream
        sum.downstream += other.downstream
        sum.requests += other.requests
        sum.statements += other.statements
        sum.transactions += other.transactions
        sum.commits += other.commits
        sum.commitLatency.merge(other.commitLatency)
    }

    /// Adds what a connection carried.
    mutating func add(_ connection: Connection) {
        for direction in Direction.allCases {
            guard let pipe = connection.pipe(direction) else { continue }
            self[direction].received += pipe.bytesReceived
            self[direction].sent += pipe.bytesSent
        }
        guard let session = connection.session?.summary else { return }
        statements += session.statements
        transactions += session.transactions
        commits += session.commits
    }

    subscript(direction: Direction) -> Way {
        get { direction == .upstream ? upstream : downstream }
        set {
            if direction == .upstream { upstream = newValue } else { downstream = newValue }
        }
    }
}
