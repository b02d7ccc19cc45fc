import EventLoop
import Glibc
import TLS

/// The encryption between the proxy and one side of a connection: bytes of the socket on one hand,
/// plaintext for the pipes on the other.
///
/// So toxics and protocol stages work on plaintext whatever travels outside. Nothing here waits: a
/// call that cannot go on says `blocked`, and the loop's news of the socket bring the next one.
final class SecureChannel {
    private enum Phase {
        /// Towards a PostgreSQL client: its first bytes tell what it wants.
        case greeting(answersLeft: Int)
        /// Towards a PostgreSQL server: the answer to SSLRequest is awaited.
        case asking
        /// The client wants no encryption.
        case plain
        case encrypted(TLSSession)
        case failed
    }

    private var phase: Phase
    private let context: TLSContext?
    private let serverName: String?
    /// What the socket has not taken yet, in front of the session's own output.
    private var outgoing = ChunkQueue()
    private let scratch: SharedBuffer
    private let share: LinkShare
    private let side: String

    /// Requests that a client may have answered; PostgreSQL's own knows two.
    private static let answersMax = 2

    /// Towards the client; with no context it is told that there is no encryption.
    ///
    /// `asksFirst`: whether the client speaks PostgreSQL, which asks before it encrypts. Throws
    /// `TLSError` when OpenSSL gives no session.
    init(
        client context: TLSContext?,
        asksFirst: Bool,
        scratch: SharedBuffer,
        share: LinkShare
    ) throws(TLSError) {
        self.context = context
        serverName = nil
        self.scratch = scratch
        self.share = share
        side = "the client"
        if asksFirst {
            phase = .greeting(answersLeft: SecureChannel.answersMax)
        } else if let context {
            phase = .encrypted(try TLSSession(context: context))
        } else {
            phase = .plain
        }
    }

    /// Towards the server, which is asked for `name`.
    ///
    /// `asksFirst`: whether the server speaks PostgreSQL, which wants to be asked. Throws
    /// `TLSError` when OpenSSL gives no session.
    init(
        server context: TLSContext,
        name: String?,
        asksFirst: Bool,
        scratch: SharedBuffer,
        share: LinkShare
    ) throws(TLSError) {
        self.context = context
        serverName = name
        self.scratch = scratch
        self.share = share
        side = "the server"
        if asksFirst {
            phase = .asking
            let request = PostgresGreeting.encryptionRequest
            unsafe request.withUnsafeBytes { unsafe outgoing.append(copying: $0, receivedAt: 0) }
        } else {
            phase = .encrypted(try TLSSession(context: context, serverName: name))
        }
    }

    /// Whether plaintext can be sent.
    var isOpen: Bool {
        switch phase {
        case .plain: true
        case .encrypted(let session): session.isEstablished
        case .greeting, .asking, .failed: false
        }
    }

    /// Whether bytes wait for the socket.
    var hasOutput: Bool {
        if !outgoing.isEmpty { return true }
        if case .encrypted(let session) = phase { return session.outputCount > 0 }
        return false
    }

    /// Reads plaintext; carries on the handshake as long as there is none.
    func receive(_ socket: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Sockets.Outcome {
        while true {
            let outcome: Sockets.Outcome?
            switch phase {
            case .plain: return unsafe Sockets.receive(socket, into: buffer)
            case .failed: return .failed(EPROTO)
            case .greeting(let answersLeft): outcome = greet(socket, answersLeft)
            case .asking: outcome = awaitAnswer(socket)
            case .encrypted(let session):
                outcome = unsafe decrypt(socket, session, into: buffer)
            }
            if let outcome { return outcome }
        }
    }

    /// Sends plaintext; takes all of it or nothing.
    func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Sockets.Outcome {
        guard case .encrypted(let session) = phase else {
            return isOpen ? unsafe Sockets.send(socket, bytes) : .blocked
        }
        // What waits is bounded: nothing new is taken before the socket has it.
        guard session.isEstablished, !hasOutput else { return .blocked }
        switch unsafe session.write(bytes) {
        case .moved(let count):
            if case .failed(let code) = flush(socket) { return .failed(code) }
            return .moved(count)
        case .wantsInput: return .blocked
        case .ended: return .failed(EPIPE)
        case .failed(let error): return fail(error, socket)
        }
    }

    /// Gives the socket what waits for it; `moved` when nothing waits any more.
    func flush(_ socket: Int32) -> Sockets.Outcome {
        while !outgoing.isEmpty {
            var outcome = Sockets.Outcome.blocked
            _ = unsafe outgoing.consumeFirst { bytes in
                outcome = unsafe Sockets.send(socket, bytes)
                if case .moved(let count) = outcome { return count }
                return 0
            }
            guard case .moved = outcome else { return outcome }
        }
        guard case .encrypted(let session) = phase else { return .moved(0) }
        while true {
            let count = unsafe session.take(into: scratch.cipher)
            guard count > 0 else { return .moved(0) }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: scratch.cipher[..<count])
            let outcome = unsafe Sockets.send(socket, bytes)
            var sent = 0
            if case .moved(let moved) = outcome { sent = moved }
            guard sent < count else { continue }
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
            unsafe outgoing.append(copying: rest, receivedAt: 0)
            if case .failed = outcome { return outcome }
            return .blocked
        }
    }

    /// Says goodbye before the sending side closes, as far as the socket takes it.
    func end(_ socket: Int32) {
        guard case .encrypted(let session) = phase else { return }
        session.end()
        _ = flush(socket)
    }

    // MARK: the steps of `receive`; `nil` means that the next one follows

    private func decrypt(
        _ socket: Int32,
        _ session: TLSSession,
        into buffer: UnsafeMutableRawBufferPointer
    ) -> Sockets.Outcome? {
        let outcome = unsafe session.read(into: buffer)
        if case .failed(let error) = outcome { return fail(error, socket) }
        if session.outputCount > 0, case .failed(let code) = flush(socket) { return .failed(code) }
        switch outcome {
        case .moved(let count): return .moved(count)
        case .ended, .failed: return .ended
        case .wantsInput: break
        }
        switch unsafe Sockets.receive(socket, into: scratch.cipher) {
        case .moved(let count):
            unsafe session.feed(UnsafeRawBufferPointer(rebasing: scratch.cipher[..<count]))
            return nil
        case .ended where !session.isEstablished:
            return fail(TLSError("\(side) hung up within the TLS handshake"), socket)
        case let other: return other
        }
    }

    private func greet(_ socket: Int32, _ answersLeft: Int) -> Sockets.Outcome? {
        let (outcome, bytes) = Sockets.peek(socket, byteCount: PostgresGreeting.requestSize)
        guard case .moved = outcome else { return outcome }
        let greeting = answersLeft > 0 ? PostgresGreeting(bytes) : .session
        switch greeting {
        case .incomplete: return .blocked
        case .session: phase = .plain
        case .handshake:
            guard context != nil else {
                phase = .plain
                return nil
            }
            return encrypt(socket)
        case .kerberos: return answer("N", socket, answersLeft)
        case .encryption:
            guard context != nil else { return answer("N", socket, answersLeft) }
            if let outcome = answer("S", socket, answersLeft) { return outcome }
            return encrypt(socket)
        }
        return nil
    }

    /// Answers a request and takes it off the socket; what follows it stays there.
    private func answer(
        _ letter: Unicode.Scalar,
        _ socket: Int32,
        _ answersLeft: Int
    ) -> Sockets.Outcome? {
        let request = unsafe UnsafeMutableRawBufferPointer(
            rebasing: scratch.cipher[..<PostgresGreeting.requestSize]
        )
        guard case .moved = unsafe Sockets.receive(socket, into: request) else {
            return .failed(EPROTO)
        }
        phase = .greeting(answersLeft: answersLeft - 1)
        let byte = [UInt8(ascii: letter)]
        unsafe byte.withUnsafeBytes { unsafe outgoing.append(copying: $0, receivedAt: 0) }
        if case .failed(let code) = flush(socket) { return .failed(code) }
        return nil
    }

    private func awaitAnswer(_ socket: Int32) -> Sockets.Outcome? {
        if case .failed(let code) = flush(socket) { return .failed(code) }
        let byte = unsafe UnsafeMutableRawBufferPointer(rebasing: scratch.cipher[..<1])
        let outcome = unsafe Sockets.receive(socket, into: byte)
        guard case .moved = outcome else { return outcome }
        guard unsafe byte[0] == UInt8(ascii: "S") else {
            let text =
                "The server refuses TLS. Switch its ssl on, or leave \"server\" out of tls."
            return fail(TLSError(text), socket)
        }
        return encrypt(socket)
    }

    private func encrypt(_ socket: Int32) -> Sockets.Outcome? {
        guard let context else { return .failed(EPROTO) }
        do throws(TLSError) {
            phase = .encrypted(try TLSSession(context: context, serverName: serverName))
            return nil
        } catch {
            return fail(error, socket)
        }
    }

    private func fail(_ error: TLSError, _ socket: Int32) -> Sockets.Outcome {
        // The alert tells the peer why.
        _ = flush(socket)
        phase = .failed
        share.securityFailed("\(side): \(error)")
        return .failed(EPROTO)
    }
}
