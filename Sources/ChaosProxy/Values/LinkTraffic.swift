/// What a proxy has carried so far, its open connections included.
struct LinkTraffic: Sendable, Equatable {
    /// What one direction carried.
    struct Way: Sendable, Equatable {
        /// Bytes read from the source.
        var received = 0
        /// Bytes written to the target.
        var sent = 0
        /// How long chunks were held by toxics.
        var added = LatencyHistogram()

        static func += (sum: inout Way, other: Way) {
            sum.received += other.received
            sum.sent += other.sent
            sum.added += other.added
        }
    }

    /// Connections that are open or being dialled.
    var open = 0
    /// Connections whose server accepted, since the proxy was created.
    var opened = 0
    /// Connections whose server refused or did not answer.
    var refused = 0
    var upstream = Way()
    var downstream = Way()
    /// From the first byte of a request to the first byte of its answer, as the client sees it.
    var requests = LatencyHistogram()

    static func += (sum: inout LinkTraffic, other: LinkTraffic) {
        sum.open += other.open
        sum.opened += other.opened
        sum.refused += other.refused
        sum.upstream += other.upstream
        sum.downstream += other.downstream
        sum.requests += other.requests
    }

    subscript(direction: Direction) -> Way {
        get { direction == .upstream ? upstream : downstream }
        set {
            if direction == .upstream { upstream = newValue } else { downstream = newValue }
        }
    }
}
