import EventLoop

/// One open connection for the listing.
struct ConnectionSummary: Sendable {
    /// 1, 2, 3 … within the proxy.
    let number: UInt64
    let name: String
    let client: String
    let state: String
    /// How long ago it was accepted, milliseconds.
    let ageMilliseconds: Int64
    /// Bytes read from the client and from the server.
    let bytes: (upstream: Int, downstream: Int)
    /// The toxics that work on it: those with a stage, upstream first, then those of its session.
    let toxics: [String]
    /// How often each toxic hit it, those that are gone included.
    let hits: [String: Int]
    /// What the protocol's watch says; `nil` without one.
    let session: SessionSummary?

    /// A PostgreSQL session.
    struct SessionSummary: Sendable {
        let phase: String
        let statements: Int
        let transactions: Int
        let commits: Int
    }
}

extension LinkPort {
    /// The open connections of this loop.
    func summaries() -> [ConnectionSummary] {
        let now = Loop.monotonicNanoseconds()
        return connections.values.map { $0.summary(now: now) }
    }

    /// Begins to accept; returns what went wrong, the socket is then closed.
    func open(socket: Int32, upstream: Upstream) -> String? {
        do {
            try start(descriptor: socket, upstream: upstream)
            return nil
        } catch {
            Sockets.close(socket)
            return "\(error)"
        }
    }
}

extension Connection {
    /// What the listing says of this connection.
    func summary(now: Int64) -> ConnectionSummary {
        let pipes = Direction.allCases.map { pipe($0) }
        return ConnectionSummary(
            number: number,
            name: name,
            client: clientAddress,
            state: stateName,
            ageMilliseconds: (now - openedAt) / 1_000_000,
            bytes: (pipes[0]?.bytesReceived ?? 0, pipes[1]?.bytesReceived ?? 0),
            toxics: pipes.flatMap { $0?.chain.stages.map(\.toxic) ?? [] } + armed,
            hits: hits,
            session: session?.summary
        )
    }
}
