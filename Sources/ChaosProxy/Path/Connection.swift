import ChaosModel
import EventLoop
import JSON

/// A client's connection and its counterpart to the server: two pipes and what they share.
///
/// Confined to the thread of its loop.
final class Connection {
    /// How long what was passed on may take to leave before a closing connection is cut.
    private static let lingerMax = Duration.seconds(2)
    /// Toxics that are gone whose hits are kept.
    private static let pastHitsMax = 64

    private enum Phase: String {
        /// The server does not answer yet; the client's bytes stay in the kernel.
        case dialing
        case open
        /// The client is gone; what the server still says is read and lost until it closes.
        case parting
        case closed
    }

    /// 1, 2, 3 … within the link since the start of the server.
    let number: UInt64
    /// Monotonic nanoseconds.
    let openedAt: Int64
    let loop: Loop
    let buffer: SharedBuffer
    let splices: SplicePool
    private let client: Endpoint
    private let server: Endpoint
    /// Other addresses of the server, to be tried when the present one does not accept.
    private var nextServers: ArraySlice<SocketAddress>
    private let link: LinkPort
    private var phase: Phase = .dialing
    /// What understands the protocol; `nil` for plain TCP.
    let session: SessionStage?
    /// The toxics that may hit the session.
    private(set) var armed: [String] = []
    private var commitClock = CommitClock()
    private var pipes: (upstream: Pipe, downstream: Pipe)?
    private var deadline: TimerToken?
    /// The client's address once somebody asked: a client that is gone has none any more.
    private var clientName: String?
    /// When the request that is not answered yet began, monotonic nanoseconds.
    private var askedAt: Int64?
    /// What toxics that are gone did to this connection.
    private var pastHits: [String: Int] = [:]
    private var awaitsServer = false

    /// `client`: an accepted socket; `server`: one whose connect(2) has begun.
    init(
        number: UInt64,
        client: Endpoint,
        server: Endpoint,
        nextServers: ArraySlice<SocketAddress>,
        link: LinkPort
    ) {
        self.number = number
        self.nextServers = nextServers
        self.link = link
        loop = link.loop
        buffer = link.buffer
        splices = link.data.splices
        openedAt = Loop.monotonicNanoseconds()
        self.client = client
        self.server = server
        session =
            switch link.wireProtocol {
            case .postgres: InterceptorStage(PostgresInterceptor())
            case .http: InterceptorStage(HTTPInterceptor())
            case .tcp: nil
            }
    }

    var name: String { "c\(number)" }
    /// Whether bytes flow.
    var isOpen: Bool { phase == .open }
    /// Whether a protocol is watched: every byte must pass through this process then.
    var isWatched: Bool { session?.needsBytes ?? false }
    /// Where the client is; `?` when it was gone before anybody asked.
    var clientAddress: String {
        if let clientName { return clientName }
        guard phase == .open || phase == .dialing else { return "?" }
        clientName = Sockets.name(client.descriptor, isPeer: true)
        return clientName ?? "?"
    }
    var stateName: String { phase.rawValue }

    /// The pipe of a direction; `nil` once closed.
    func pipe(_ direction: Direction) -> Pipe? {
        direction == .upstream ? pipes?.upstream : pipes?.downstream
    }

    /// Begins to listen to both sockets.
    ///
    /// Throws `SystemError` when the loop does not take a socket; both are then still open.
    func start() throws(SystemError) {
        client.attach(to: self)
        server.attach(to: self)
        pipes = (
            Pipe(direction: .upstream, source: client, target: server, connection: self),
            Pipe(direction: .downstream, source: server, target: client, connection: self)
        )
        link.equip(self)
        limitDial()
        try loop.watch(client.descriptor, client)
        try loop.watch(server.descriptor, server)
    }

    /// The loop has news of one side.
    ///
    /// `hasFailed`: the socket has an error to tell.
    func ready(_ endpoint: Endpoint, hasFailed: Bool) {
        if hasFailed, phase != .closed,
            Sockets.pendingError(endpoint.descriptor) != 0
        {
            switch phase {
            case .parting: return finish()
            case .dialing where endpoint === server: return dialNext()
            default: return abort()
            }
        }
        switch phase {
        case .closed: return
        case .parting: discard()
        case .dialing:
            guard endpoint === server, server.isWritable else { return }
            opened()
        case .open:
            guard let pipes else { return }
            let (reading, writing) =
                endpoint === client
                ? (pipes.upstream, pipes.downstream) : (pipes.downstream, pipes.upstream)
            if endpoint.isReadable { reading.relay() }
            if awaitsServer { settle() }
            if isOpen, endpoint.isWritable, !writing.isPlain, writing.hasOutput { writing.pump() }
        }
    }

    private func limitDial() {
        deadline = loop.after(link.data.dialTimeout) { self.dialNext() }
    }

    /// The server does not accept at this address: it is tried at the next one.
    private func dialNext() {
        cancelDeadline()
        guard let descriptor = Sockets.beginConnect(toFirstOf: &nextServers) else {
            return abort()
        }
        loop.unwatchForClosing(server.descriptor)
        Sockets.close(server.descriptor)
        server.replace(by: descriptor)
        limitDial()
        do {
            try loop.watch(descriptor, server)
        } catch {
            abort()
        }
    }

    /// A connect(2) that failed would have come with an error.
    private func opened() {
        phase = .open
        nextServers = []
        link.opened(self)
        guard server.begin() else { return abort() }
        awaitsServer = true
        settle()
        pipes?.upstream.pump()
        if isOpen { pipes?.downstream.pump() }
    }

    /// The deadline of the dial stands until a handshake with the server is over, too.
    private func settle() {
        guard awaitsServer, server.isEstablished else { return }
        awaitsServer = false
        cancelDeadline()
    }

    /// The toxics of the session changed.
    func arm(_ rules: [SessionRule]) {
        guard let session else { return }
        session.arm(rules)
        armed = rules.map(\.toxic)
        pipes?.upstream.release(unless: armed)
        if isOpen { pipes?.downstream.release(unless: armed) }
    }

    /// A toxic of the session has hit.
    func record(_ firing: SessionFiring) {
        var detail: JSONObject = ["link": .string(link.name), "client": .string(clientAddress)]
        for member in firing.detail.members { detail[member.name] = member.value }
        if pastHits.count < Connection.pastHitsMax || pastHits[firing.toxic] != nil {
            pastHits[firing.toxic, default: 0] += 1
        }
        firing.tally.fire(
            wallMicroseconds: Loop.wallMicroseconds(),
            connection: name,
            detail: detail
        )
        if let toxic = link.toxics.first(where: { $0.name == firing.toxic }) {
            link.tell(toxic, hit: self, firing.detail)
        }
    }

    /// The client sent something on a session that is followed.
    func sessionAsked() {
        commitClock.asked(now: Loop.monotonicNanoseconds())
    }

    /// Acknowledgements of COMMITs were passed on; they end behind this many bytes for the client.
    func acknowledged(_ count: Int, mark: Int) {
        for _ in 0..<count { commitClock.acknowledged(mark: mark) }
        pipes?.downstream.sentMark = commitClock.nextMark
        answersLeft()
    }

    /// The acknowledgement of a COMMIT has left for the client.
    func answersLeft() {
        guard let pipe = pipes?.downstream else { return }
        while let askedAt = commitClock.left(byteCount: pipe.bytesSent) {
            link.commitTook(Loop.monotonicNanoseconds() - askedAt)
        }
        pipe.sentMark = commitClock.nextMark
    }

    /// Does to a pipe's target what is due now that all bytes have left.
    func deliver(_ ending: Ending, to target: Endpoint) {
        switch ending {
        case .open: break
        case .fin:
            guard let pipes, pipes.upstream.isFinished, pipes.downstream.isFinished else {
                return target.shutdownWrite()
            }
            closePolitely()
        case .close: closePolitely()
        case .breakClient: breakClient()
        }
    }

    /// What was passed on has this long to leave; then the connection is cut.
    func limitLinger() {
        guard deadline == nil, phase == .open else { return }
        deadline = loop.after(Connection.lingerMax) { self.abort() }
    }

    /// The client sent something: the first of it begins a request.
    func clientAsked() {
        if askedAt == nil { askedAt = Loop.monotonicNanoseconds() }
    }

    /// Something was written to the client: the first of it answers the request.
    func clientHeard() {
        guard let start = askedAt else { return }
        askedAt = nil
        link.requests.record(nanoseconds: Loop.monotonicNanoseconds() - start)
    }

    /// Keeps what a toxic did that is about to leave.
    func remember(_ stage: Stage) {
        guard stage.hits > 0, pastHits.count < Connection.pastHitsMax else { return }
        pastHits[stage.toxic, default: 0] += stage.hits
    }

    /// How often each toxic hit this connection, those that are gone included.
    var hits: [String: Int] {
        var hits = pastHits
        for stage in Direction.allCases.flatMap({ pipe($0)?.chain.stages ?? [] })
        where stage.hits > 0 {
            hits[stage.toxic, default: 0] += stage.hits
        }
        return hits
    }

    /// Closes both sides with FIN.
    func closePolitely() {
        guard phase != .closed else { return }
        let wasParting = phase == .parting
        close(as: .finished) { server in
            server.closePolitely()
        } client: { client in
            if !wasParting { client.closePolitely() }
        }
    }

    /// Closes both sides with RST.
    func abort() {
        guard phase != .closed else { return }
        let wasParting = phase == .parting
        close(as: .reset) { server in
            Sockets.reset(server.descriptor)
        } client: { client in
            if !wasParting { Sockets.reset(client.descriptor) }
        }
    }

    /// Resets the client; the server is told goodbye and may finish speaking.
    private func breakClient() {
        guard phase == .open else { return }
        phase = .parting
        pipes?.upstream.stop()
        pipes?.downstream.stop()
        loop.unwatchForClosing(client.descriptor)
        Sockets.reset(client.descriptor)
        let isQuiet = pipes?.upstream.isDrained ?? true
        if let goodbye = session?.goodbye, !goodbye.isEmpty, isQuiet {
            unsafe goodbye.withUnsafeBytes { _ = unsafe server.send($0) }
        }
        server.shutdownWrite()
        cancelDeadline()
        deadline = loop.after(Connection.lingerMax) { self.finish() }
        discard()
    }

    private func discard() {
        while true {
            switch unsafe Sockets.receive(server.descriptor, into: buffer.bytes) {
            case .moved: continue
            case .blocked: return
            case .ended, .failed: return finish()
            }
        }
    }

    private func finish() {
        guard phase == .parting else { return }
        close(as: .clientReset) { server in
            Sockets.close(server.descriptor)
        } client: { _ in
        }
    }

    private func cancelDeadline() {
        if let deadline { loop.cancel(deadline) }
        deadline = nil
    }

    private func close(
        as end: ConnectionEnd,
        server closeServer: (Endpoint) -> Void,
        client closeClient: (Endpoint) -> Void
    ) {
        let wasOpen = phase != .dialing
        link.tell(self, ends: end, wasOpen: wasOpen)
        if phase != .parting { loop.unwatchForClosing(client.descriptor) }
        loop.unwatchForClosing(server.descriptor)
        phase = .closed
        client.attach(to: nil)
        server.attach(to: nil)
        cancelDeadline()
        pipes?.upstream.stop()
        pipes?.downstream.stop()
        closeClient(client)
        closeServer(server)
        if !wasOpen { link.past.refused += 1 }
        link.closed(self)
        // They hold on to this connection.
        pipes = nil
    }
}
