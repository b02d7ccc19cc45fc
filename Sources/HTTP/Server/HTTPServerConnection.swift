import EventLoop

/// One client's connection: reads requests, runs the handler, gathers the answers.
///
/// `@unchecked Sendable` because it is confined to the server's loop: its task and the server's
/// sweep run there, and nobody else holds it.
final class HTTPServerConnection: @unchecked Sendable {
    /// What the connection waits for; decides which time limit applies.
    enum Phase {
        /// The first bytes of a request after another.
        case idle
        case head
        case body
        /// The handler, which has no limit from here.
        case handling
        case writing
        /// The producer of a streamed body.
        case streaming
        /// The end of what a refused client still sends.
        case lingering
    }

    private let server: HTTPServer
    private let wire: Wire
    private let remote: SocketAddress?
    private var parser: HTTPRequestParser
    /// Encoded answers that were not sent yet.
    var output: [UInt8] = []

    private(set) var phase = Phase.head
    /// When the present phase must be over, on the monotonic clock.
    private(set) var deadline: Int64 = .max
    private var isTimedOut = false
    private var isAbandoned = false
    private var task: Task<Void, any Error>?

    /// Answers to pipelined requests are gathered up to about this size.
    private static let gatherMax = 64 * 1024
    /// A refused client's further bytes are read and dropped up to this many.
    private static let lingerBytesMax = 4 << 20

    init(server: HTTPServer, stream: EventLoop.Stream, loop: Loop) {
        self.server = server
        wire = Wire(stream: stream, loop: loop)
        remote = stream.peer
        parser = HTTPRequestParser(limits: server.limits)
    }

    var descriptor: Int32 { wire.stream.descriptor }

    /// Begins to serve; the server owns the task through this object until `server.removed`.
    func start(on loop: Loop) {
        enter(.head)
        task = loop.spawn { await self.run() }
    }

    private func run() async {
        do {
            while let (head, request) = try await nextRequest() {
                guard try await answer(head, request) else { break }
            }
            try await flush()
            if wire.unreadCount > 0 { try await linger() }
        } catch let error as HTTPParseError {
            await refuse(error)
        } catch {
            // The client has left or was cut off: there is nobody to tell.
        }
        wire.stream.close()
        server.removed(self)
    }
}

// Reading.
extension HTTPServerConnection {
    /// The next request, complete; `nil` when the client or the drain ends the connection between
    /// two.
    private func nextRequest() async throws -> (HTTPRequestHead, HTTPRequest)? {
        var head: HTTPRequestHead?
        var body: [UInt8] = []
        if phase != .head || wire.unreadCount > 0 { enter(wire.unreadCount > 0 ? .head : .idle) }
        while true {
            let step = try wire.parse { (unread) throws(HTTPParseError) in
                try parser.next(unread)
            }
            switch step.parsed {
            case .head(let parsed):
                head = parsed
                if case .length(let count) = parsed.framing { body.reserveCapacity(count) }
                if parsed.expectsContinue, wire.unreadCount == step.consumed {
                    output.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
                }
                enter(.body)
            case .body(let range):
                wire.copy(range, to: &body)
            case .end:
                wire.consume(step.consumed)
                guard let head else { return nil }
                return (head, request(head, body))
            case .needMore:
                wire.consume(step.consumed)
                guard try await receiveMore(hasHead: head != nil) else { return nil }
                continue
            }
            wire.consume(step.consumed)
        }
    }

    private func request(_ head: HTTPRequestHead, _ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            method: head.method,
            target: head.target,
            headers: head.headers,
            body: body,
            remote: remote
        )
    }

    /// Waits for bytes; `false` when the connection ends where it may.
    private func receiveMore(hasHead: Bool) async throws -> Bool {
        // Answers to earlier requests must leave before we wait for what they may depend on.
        if !output.isEmpty {
            let interrupted = (phase, deadline)
            try await flush()
            (phase, deadline) = interrupted
        }
        if phase == .idle, server.isDraining { return false }
        let count = try await wire.receive()
        if count > 0 {
            if phase == .idle { enter(.head) }
            return true
        }
        if isTimedOut, phase != .idle, hasHead || wire.unreadCount > 0 {
            throw HTTPParseError(
                status: 408,
                "the request did not arrive in time. Send it without pauses."
            )
        }
        return false
    }
}

// Answering.
extension HTTPServerConnection {
    /// Runs the handler and encodes its answer; returns whether another request may follow.
    private func answer(_ head: HTTPRequestHead, _ request: HTTPRequest) async throws -> Bool {
        enter(.handling)
        let response: HTTPResponse
        do {
            response = try await server.handler(request)
        } catch {
            if isAbandoned { throw error }
            server.report?(error, request)
            response = .text("The server failed to handle the request.\n", status: 500)
        }
        let keepsAlive = head.keepsAlive && !server.isDraining && !isAbandoned
        if let producer = response.producer {
            return try await stream(response, producer, head, keepsAlive: keepsAlive)
        }
        let isBodyless = HTTPStatus.isBodyless(response.status)
        let start = output.count
        HTTPEncoder.appendResponseHead(
            status: response.status,
            headers: response.headers,
            framing: isBodyless ? .none : .length(response.body.count),
            keepsAlive: keepsAlive,
            date: server.dateLine(),
            to: &output
        )
        if !isBodyless, head.method != "HEAD" { output.append(contentsOf: response.body) }
        if response.copies > 1 {
            let message = Array(output[start...])
            for _ in 1..<response.copies { output.append(contentsOf: message) }
        }
        if output.count >= Self.gatherMax { try await flush() }
        return keepsAlive
    }

    private func stream(
        _ response: HTTPResponse,
        _ producer: HTTPResponse.Producer,
        _ head: HTTPRequestHead,
        keepsAlive: Bool
    ) async throws -> Bool {
        let isBodyless = HTTPStatus.isBodyless(response.status)
        let isChunked = head.minorVersion >= 1
        let keeps = keepsAlive && (isChunked || isBodyless)
        HTTPEncoder.appendResponseHead(
            status: response.status,
            headers: response.headers,
            framing: isBodyless ? .none : (isChunked ? .chunked : .untilClose),
            keepsAlive: keeps,
            date: server.dateLine(),
            to: &output
        )
        guard !isBodyless, head.method != "HEAD" else { return keeps }
        try await flush()
        enter(.streaming)
        do {
            try await producer(HTTPBodyWriter(connection: self, isChunked: isChunked))
        } catch {
            // Not an orderly end: an until-close body must not look complete.
            wire.stream.reset()
            throw error
        }
        if isChunked { HTTPEncoder.appendLastChunk(to: &output) }
        try await flush()
        return keeps
    }

    /// Sends what was gathered, in one write if the kernel takes it.
    func flush() async throws {
        guard !output.isEmpty else { return }
        enter(.writing)
        try await wire.send(output)
        output.removeAll(keepingCapacity: output.capacity <= 2 * Self.gatherMax)
    }

    /// Answers what is no request, then closes in a way that lets the client read the answer.
    private func refuse(_ error: HTTPParseError) async {
        let body = Array((error.message + "\n").utf8)
        HTTPEncoder.appendResponseHead(
            status: error.status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            framing: .length(body.count),
            keepsAlive: false,
            date: server.dateLine(),
            to: &output
        )
        output.append(contentsOf: body)
        do {
            try await flush()
            try await linger()
        } catch {
            // It does not even read the refusal.
        }
    }

    /// Closing while unread bytes are there resets the connection, and the client may lose the
    /// answer (RFC 9112 §9.6): so close for writing first and drop what still comes, for a bounded
    /// time.
    private func linger() async throws {
        guard !isTimedOut else { return }
        wire.stream.shutdownWrite()
        enter(.lingering)
        var dropped = 0
        repeat {
            dropped += wire.unreadCount
            wire.consumeAll()
        } while try await wire.receive() > 0 && dropped < Self.lingerBytesMax
    }
}

// Time limits and the ends that others decide: called by the server's sweep and drain.
extension HTTPServerConnection {
    /// Enters a phase and starts its time limit.
    func enter(_ phase: Phase) {
        self.phase = phase
        deadline = server.deadline(of: phase)
    }

    /// Whether a handler is at work for this client, so that it matters whether the client is
    /// there.
    var isWorking: Bool { phase == .handling || phase == .streaming }

    /// The present phase took too long.
    func expire() {
        deadline = .max
        isTimedOut = true
        switch phase {
        case .idle, .head, .body: wire.stopReceiving()
        case .writing, .lingering: wire.stop()
        case .handling, .streaming: break
        }
    }

    /// The client has left: whoever works for it is told.
    func abandon() {
        guard !isAbandoned else { return }
        isAbandoned = true
        if phase == .streaming || server.limits.cancelsAbandonedHandlers { task?.cancel() }
    }

    /// The server stops: a connection between two requests ends now.
    func drain() {
        if phase == .idle || (phase == .head && wire.unreadCount == 0) { wire.stopReceiving() }
    }

    /// The time to drain is over.
    func cut() {
        isAbandoned = true
        task?.cancel()
        wire.stop()
    }
}
