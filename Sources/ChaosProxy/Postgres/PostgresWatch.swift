/// Watches both directions of one PostgreSQL session without holding back or changing a byte.
///
/// It understands the negotiation of encryption (`SSLRequest`, `GSSENCRequest`), cancel requests,
/// the simple and the extended query protocol, pipelining and COPY as far as they frame messages
/// and change the transaction state. What it cannot read (encryption, nonsense) makes it `opaque`:
/// it then lets everything pass unseen.
struct PostgresWatch: Sendable {
    /// What the server's bytes told.
    enum Event: Sendable, Equatable {
        /// The acknowledgement of a COMMIT that closed a transaction.
        ///
        /// - start: where its message began in the chunk; negative when in an earlier chunk.
        /// - statement: its ordinal among the session's completed statements, from 1.
        case commitAcknowledged(start: Int, statement: Int)
    }

    /// What the session is doing, for listings.
    enum Phase: String, Sendable {
        case startup, session, cancel, opaque
    }

    private(set) var phase: Phase = .startup
    private(set) var transaction = TransactionTracker()
    /// Statements that completed (`CommandComplete`) in the session so far.
    private(set) var statements = 0
    /// Transactions that ended in the session so far and in which a statement completed.
    private(set) var transactions = 0
    /// Statements that had completed when the server was last idle.
    private var statementsWhenIdle = 0
    /// Transactions that a COMMIT closed in the session so far.
    private(set) var commits = 0
    private var client = MessageFramer(hasTypeByte: false)
    private var server = MessageFramer(hasTypeByte: true)
    /// Encryption requests whose one-byte answer is still to come.
    private var negotiations = 0

    private static let protocolThree: UInt32 = 3
    private static let cancelRequest: UInt32 = 80_877_102
    private static let sslRequest: UInt32 = 80_877_103
    private static let gssRequest: UInt32 = 80_877_104
    private static let wanted = MessageFramer.set("CEZ")

    /// Whether the client's bytes stopped between two messages, so that one may be put behind them.
    var clientIsAtBoundary: Bool { phase == .session && client.isAtBoundary }

    /// Sees bytes of the client; only the start-up and the boundaries of messages matter.
    mutating func observeClient(_ bytes: Span<UInt8>) {
        var offset = 0
        while phase != .opaque, phase != .cancel {
            if phase == .startup, client.isAtBoundary, offset < bytes.count,
                bytes[offset] == 0x16
            {
                // A TLS ClientHello without SSLRequest (direct TLS, PostgreSQL 17).
                phase = .opaque
                return
            }
            switch client.next(in: bytes, at: &offset, wanted: 0) {
            case .exhausted: return
            case .malformed: phase = .opaque
            case .message(let message): startup(message.word(at: 0))
            }
        }
    }

    private mutating func startup(_ code: UInt32) {
        switch code {
        case PostgresWatch.sslRequest, PostgresWatch.gssRequest: negotiations += 1
        case PostgresWatch.cancelRequest: phase = .cancel
        case _ where code >> 16 == PostgresWatch.protocolThree:
            phase = .session
            client.hasTypeByte = true
        default: phase = .opaque
        }
    }

    /// Reads the server's bytes on from `offset` until the next event or the end of the chunk.
    mutating func nextServerEvent(in bytes: Span<UInt8>, at offset: inout Int) -> Event? {
        while phase != .opaque, phase != .cancel {
            if negotiations > 0, server.isAtBoundary, offset < bytes.count {
                if negotiate(bytes[offset]) {
                    offset += 1
                    continue
                }
                if phase == .opaque { return nil }
            }
            switch server.next(in: bytes, at: &offset, wanted: PostgresWatch.wanted) {
            case .exhausted: return nil
            case .malformed: phase = .opaque
            case .message(let message):
                if let event = serverSent(message) { return event }
            }
        }
        return nil
    }

    /// The answer to an encryption request: `N` keeps the session readable.
    ///
    /// Returns whether the byte was such an answer; an old server sends an ErrorResponse instead.
    private mutating func negotiate(_ answer: UInt8) -> Bool {
        negotiations -= 1
        switch answer {
        case UInt8(ascii: "N"): return true
        case UInt8(ascii: "E"):
            negotiations = 0
            return false
        default:
            phase = .opaque
            return false
        }
    }

    private mutating func serverSent(_ message: MessageFramer.Message) -> Event? {
        switch message.type {
        case UInt8(ascii: "E"): transaction.errorReported()
        case UInt8(ascii: "Z"):
            if message.bodyLength == 1 { ready(message[0]) }
        case UInt8(ascii: "C"):
            statements += 1
            guard transaction.completed(PostgresWatch.tag(message)) else { return nil }
            commits += 1
            return .commitAcknowledged(start: message.start, statement: statements)
        default: break
        }
        return nil
    }

    private mutating func ready(_ status: UInt8) {
        transaction.ready(status)
        guard transaction.state == .idle, statements > statementsWhenIdle else { return }
        statementsWhenIdle = statements
        transactions += 1
    }

    private static func tag(_ message: MessageFramer.Message) -> TransactionTracker.Tag {
        switch message[0] {
        case UInt8(ascii: "B") where message.isText("BEGIN"): .begin
        case UInt8(ascii: "S") where message.isText("START TRANSACTION"): .begin
        case UInt8(ascii: "C") where message.isText("COMMIT"): .commit
        case UInt8(ascii: "R") where message.isText("ROLLBACK"): .rollback
        case UInt8(ascii: "P") where message.isText("PREPARE TRANSACTION"): .prepare
        default: .other
        }
    }
}
