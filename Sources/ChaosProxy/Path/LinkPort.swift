import ChaosModel
import EventLoop
import JSON

/// One proxy on the data loop: its listener, its toxics and its connections.
///
/// Confined to the thread of its loop; `ProxyControl` reaches it through `DataLoop.perform`.
final class LinkPort {
    /// Connections of one proxy at a time; one more is reset at once.
    static let connectionsMax = 10_000
    /// Connections accepted before others get their turn.
    private static let acceptsPerTurn = 64

    let name: String
    let wireProtocol: SystemDescription.Link.WireProtocol
    let seed: UInt64
    unowned let data: DataLoop
    /// In the order in which they were added.
    var toxics: [Toxic] = []
    private(set) var connections: [UInt64: Connection] = [:]
    /// Bytes of connections that are closed.
    private(set) var closedBytes = (upstream: 0, downstream: 0)
    private var upstream: Upstream?
    private var listener: ListenerWatch?
    private(set) var connectionCount: UInt64 = 0
    /// Clients that wait for the server's name to be looked up.
    private var lookups = 0

    init(
        name: String,
        wireProtocol: SystemDescription.Link.WireProtocol,
        seed: UInt64,
        data: DataLoop
    ) {
        self.name = name
        self.wireProtocol = wireProtocol
        self.seed = seed
        self.data = data
    }

    var loop: Loop { data.loop }
    var buffer: SharedBuffer { data.buffer }

    // MARK: listening

    /// Begins to accept.
    ///
    /// - Parameter descriptor: A listening socket that does not block; closed by `stop`.
    func start(descriptor: Int32, upstream: Upstream) throws(SystemError) {
        self.upstream = upstream
        let watch = ListenerWatch(descriptor: descriptor, link: self)
        try loop.watch(descriptor, watch)
        listener = watch
    }

    /// Stops accepting and closes every connection (FIN); returns how many there were.
    func stop() -> Int {
        if let listener {
            loop.unwatch(listener.descriptor)
            Sockets.close(listener.descriptor)
        }
        listener = nil
        upstream = nil
        let open = Array(connections.values)
        for connection in open { connection.closePolitely() }
        return open.count
    }

    /// Accepts what waits.
    func accept(from listener: ListenerWatch) {
        for _ in 0..<LinkPort.acceptsPerTurn {
            guard listener === self.listener else { return }
            switch Sockets.accept(listener.descriptor) {
            case .accepted(let client): begin(client: client)
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

    // MARK: dialling

    private func begin(client: Int32) {
        guard let upstream, connections.count + lookups < LinkPort.connectionsMax else {
            return Sockets.reset(client)
        }
        switch upstream {
        case .invalid: Sockets.reset(client)
        case .address(let server): dial(client: client, server: server)
        case .name(let host, let port):
            lookups += 1
            data.resolver.resolve(host: host, port: port) { [weak self] server in
                guard let self else { return Sockets.reset(client) }
                lookups -= 1
                guard let server, listener != nil else { return Sockets.reset(client) }
                dial(client: client, server: server)
            }
        }
    }

    private func dial(client: Int32, server: SocketAddress) {
        guard let descriptor = Sockets.beginConnect(to: server) else {
            return Sockets.reset(client)
        }
        Sockets.disableDelay(client)
        connectionCount += 1
        let connection = Connection(
            number: connectionCount,
            client: client,
            server: descriptor,
            link: self
        )
        connections[connection.number] = connection
        do {
            try connection.start(dialTimeout: data.dialTimeout)
        } catch {
            connection.abort()
        }
    }

    /// A connection is gone.
    func closed(_ connection: Connection) {
        connections[connection.number] = nil
        closedBytes.upstream += connection.pipe(.upstream)?.bytesReceived ?? 0
        closedBytes.downstream += connection.pipe(.downstream)?.bytesReceived ?? 0
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
