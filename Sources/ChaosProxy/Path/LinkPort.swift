import ChaosModel
import ChaosStatistics
import EventLoop
import JSON
import TLS

/// One proxy on one data loop: its toxics, its connections there and, on the first loop, its
/// listener.
///
/// Confined to the thread of its loop; `ProxyControl` reaches it through `DataPlane.perform`. What
/// the ports of one proxy have in common is in `share`.
final class LinkPort {
    /// Connections accepted before others get their turn.
    private static let acceptsPerTurn = 64

    let name: String
    let wireProtocol: SystemDescription.Link.WireProtocol
    let seed: UInt64
    let share: LinkShare
    unowned let data: DataLoop
    /// In the order in which they were added.
    var toxics: [Toxic] = []
    private(set) var connections: [UInt64: Connection] = [:]
    /// What connections that are closed carried.
    var past = LinkTraffic()
    /// How long stages held the chunks of each direction.
    let added = (upstream: LatencyMeter(), downstream: LatencyMeter())
    let requests = LatencyMeter()
    /// Set while connects shall hang.
    var blackhole: Blackhole?
    private var upstream: Upstream?
    private(set) var listener: ListenerWatch?
    /// Grows with each stop: what was begun before one is not finished after it.
    private var stopCount = 0

    init(
        name: String,
        wireProtocol: SystemDescription.Link.WireProtocol,
        seed: UInt64,
        share: LinkShare,
        data: DataLoop
    ) {
        self.name = name
        self.wireProtocol = wireProtocol
        self.seed = seed
        self.share = share
        self.data = data
    }

    var loop: Loop { data.loop }
    var buffer: SharedBuffer { data.buffer }
    /// Whether this is the port that accepts for all loops.
    var isHome: Bool { data === share.plane.home }

    // MARK: listening

    /// Begins to accept.
    ///
    /// `descriptor`: a listening socket that does not block; closed by `stop`.
    func start(descriptor: Int32, upstream: Upstream) throws(SystemError) {
        self.upstream = upstream
        let watch = ListenerWatch(descriptor: descriptor, link: self)
        try loop.watch(descriptor, watch)
        listener = watch
        holdOrServe()
    }

    /// Stops accepting and closes every connection of this loop (FIN); returns how many there were.
    func stop() -> Int {
        stopCount += 1
        endBlackhole()
        if let listener {
            loop.unwatch(listener.descriptor)
            Sockets.closeListener(listener.descriptor)
        }
        forgetListener()
        let open = Array(connections.values)
        for connection in open { connection.closePolitely() }
        return open.count
    }

    /// The listener is closed, or another's.
    func forgetListener() {
        listener = nil
        upstream = nil
    }

    /// Accepts what waits.
    func accept(from listener: ListenerWatch) {
        for _ in 0..<LinkPort.acceptsPerTurn {
            guard listener === self.listener, blackhole == nil else { return }
            switch Sockets.accept(listener.descriptor) {
            case .accepted(let client): handOver(client)
            case .empty: return
            case .exhausted:
                // No descriptors left: clients wait in the backlog until some are free.
                return later(.milliseconds(50), listener)
            }
        }
        later(.zero, listener)
    }

    private func later(_ delay: Duration, _ listener: ListenerWatch) {
        loop.after(delay) { [weak self, weak listener] in
            if let listener { self?.accept(from: listener) }
        }
    }

    /// Gives a client its number and a loop.
    func handOver(_ client: Int32) {
        guard let upstream, let (target, number) = share.admit() else {
            return Sockets.reset(client)
        }
        let arrival = Arrival(client: client, number: number, upstream: upstream)
        guard target !== data else { return begin(arrival) }
        target.loop.execute { [share] in
            guard let port = target[share.number] else {
                share.release(from: target)
                return Sockets.reset(client)
            }
            port.begin(arrival)
        }
    }

    // MARK: dialling

    /// A client on its way to its loop.
    private struct Arrival: Sendable {
        let client: Int32
        /// 1, 2, 3 … in the order of acceptance.
        let number: UInt64
        let upstream: Upstream
    }

    private func begin(_ arrival: Arrival) {
        switch arrival.upstream {
        case .invalid: refuse(arrival)
        case .address(let server): dial(arrival, [server])
        case .name(let host, let port):
            let stopCount = stopCount
            data.resolver.resolve(host: host, port: port) { [weak self, share, data] servers in
                guard let self else {
                    share.release(from: data)
                    return Sockets.reset(arrival.client)
                }
                guard self.stopCount == stopCount else { return refuse(arrival) }
                dial(arrival, servers)
            }
        }
    }

    private func refuse(_ arrival: Arrival) {
        past.refused += 1
        Sockets.reset(arrival.client)
        share.release(from: data)
    }

    /// `servers`: in the order in which they are tried.
    private func dial(_ arrival: Arrival, _ servers: [SocketAddress]) {
        var rest = servers[...]
        guard let descriptor = Sockets.beginConnect(toFirstOf: &rest) else {
            return refuse(arrival)
        }
        guard let connection = connection(arrival, server: descriptor, next: rest) else {
            Sockets.close(descriptor)
            return refuse(arrival)
        }
        connections[connection.number] = connection
        do {
            try connection.start()
        } catch {
            connection.abort()
        }
    }

    /// `nil` when OpenSSL gives no session.
    private func connection(
        _ arrival: Arrival,
        server: Int32,
        next: ArraySlice<SocketAddress>
    ) -> Connection? {
        do throws(TLSError) {
            return Connection(
                number: arrival.number,
                client: Endpoint(
                    descriptor: arrival.client,
                    channel: try share.security?.clientChannel(self),
                    buffer: buffer
                ),
                server: Endpoint(
                    descriptor: server,
                    channel: try share.security?.serverChannel(self),
                    buffer: buffer
                ),
                nextServers: next,
                link: self
            )
        } catch {
            share.securityFailed("\(error)")
            return nil
        }
    }

    /// A connection is gone.
    func closed(_ connection: Connection) {
        connections[connection.number] = nil
        share.release(from: data)
        past.add(connection)
    }

    /// A COMMIT was answered so many nanoseconds after it was asked for.
    func commitTook(_ nanoseconds: Int64) {
        past.commitLatency.record(UInt64(max(0, nanoseconds)) / 1_000)
    }
}

/// The listening socket of a link as the loop sees it.
final class ListenerWatch: ReadinessHandler {
    let descriptor: Int32
    private weak var link: LinkPort?

    init(descriptor: Int32, link: LinkPort) {
        self.descriptor = descriptor
        self.link = link
    }

    func ready(_ readiness: Readiness) {
        link?.accept(from: self)
    }
}
