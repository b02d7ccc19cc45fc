/// What a session told about itself, followed through its messages without holding one back.
struct PostgresSession: Sendable {
    /// What the session is doing, for listings.
    enum Phase: String, Sendable {
        case startup, session, cancel, opaque
    }

    var phase: Phase = .startup
    var transaction = TransactionTracker()
    /// Statements that completed (`CommandComplete`) in the session so far.
    var statements = 0
    /// Transactions that ended in the session so far and in which a statement completed.
    private(set) var transactions = 0
    /// Statements that had completed when the server was last idle.
    private var statementsWhenIdle = 0
    /// Transactions that a COMMIT closed in the session so far.
    var commits = 0
    var applicationName = ""
    /// Encryption requests whose one-byte answer is still to come.
    var negotiations = 0
    var names = StatementNames()
    /// The server takes COPY data; a Sync means nothing to it until they end.
    var isCopyingIn = false
    /// What ReadyForQuery will still answer.
    private(set) var outstanding = 0
    /// Messages of the extended protocol without a Sync behind them.
    private(set) var hasOpenBatch = false
    private var lastIsSync = false

    static let protocolThree = 3
    static let cancelRequest = 80_877_102
    static let sslRequest = 80_877_103
    static let gssRequest = 80_877_104

    /// Whether nothing is under way, so that from here on each answer can be told to a question.
    var isQuiet: Bool { phase == .session && outstanding == 0 && !hasOpenBatch }

    /// Takes a start-up packet, from its first byte; returns whether it begins a session.
    mutating func startup(_ packet: Span<UInt8>) -> Bool {
        var offset = 4
        let code = packet.number(bytes: 4, at: &offset)
        switch code {
        case PostgresSession.sslRequest, PostgresSession.gssRequest: negotiations += 1
        case PostgresSession.cancelRequest: phase = .cancel
        case _ where code >> 16 == PostgresSession.protocolThree:
            phase = .session
            outstanding = 1
            while offset < packet.count {
                let name = packet.text(at: &offset)
                guard !name.isEmpty else { break }
                let value = packet.text(at: &offset)
                if name == Array("application_name".utf8) {
                    applicationName = String(decoding: value, as: UTF8.self)
                }
            }
            return true
        default: phase = .opaque
        }
        return false
    }

    /// The answer to an encryption request: `N` keeps the session readable.
    ///
    /// Returns whether the byte was such an answer; an old server sends an ErrorResponse instead.
    mutating func negotiate(_ answer: UInt8) -> Bool {
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

    /// Counts what a message of the client asks for.
    mutating func asked(_ type: UInt8) {
        switch type {
        case UInt8(ascii: "Q"), UInt8(ascii: "F"):
            outstanding += 1
            lastIsSync = false
        case UInt8(ascii: "S") where !isCopyingIn:
            outstanding += 1
            hasOpenBatch = false
            lastIsSync = true
        case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "D"), UInt8(ascii: "E"),
            UInt8(ascii: "C"):
            hasOpenBatch = true
        case UInt8(ascii: "c"), UInt8(ascii: "f"): isCopyingIn = false
        default: break
        }
    }

    /// The server begins to take COPY data.
    mutating func beginCopyIn() {
        isCopyingIn = true
        if lastIsSync { outstanding = max(0, outstanding - 1) }
    }

    /// ReadyForQuery, a message from its first byte.
    mutating func ready(_ message: Span<UInt8>) {
        outstanding = max(0, outstanding - 1)
        isCopyingIn = false
        if message.count == 6 { transaction.ready(message[5]) }
        guard transaction.state == .idle else { return }
        names.forgetPortals()
        guard statements > statementsWhenIdle else { return }
        statementsWhenIdle = statements
        transactions += 1
    }

    /// Everything that was asked has been answered.
    mutating func settle() {
        outstanding = 0
        hasOpenBatch = false
    }

    /// Remembers the names that Parse, Bind and Close give, a message from its first byte.
    ///
    /// `isFull`: whether also what has no name is remembered.
    mutating func name(_ message: Span<UInt8>, isFull: Bool) {
        var offset = 5
        switch message[0] {
        case UInt8(ascii: "P"):
            let name = message.text(at: &offset)
            guard isFull || !name.isEmpty else { return }
            let end = min(message.count, offset + SQLText.lengthMax)
            names.prepare(name, SQLText(message.extracting(..<end).text(at: &offset)))
        case UInt8(ascii: "B"):
            guard isFull || (offset < message.count && message[offset] != 0) else { return }
            let portal = message.text(at: &offset)
            names.bind(portal, to: message.text(at: &offset))
        case UInt8(ascii: "C"):
            let kind = message.byte(at: &offset)
            let name = message.text(at: &offset)
            if kind == UInt8(ascii: "S") {
                names.forget(statement: name)
            } else {
                names.forget(portal: name)
            }
        default: break
        }
    }

    /// ParameterStatus, a message from its first byte.
    mutating func parameter(_ message: Span<UInt8>) {
        var offset = 5
        guard message.text(at: &offset) == Array("application_name".utf8) else { return }
        applicationName = String(decoding: message.text(at: &offset), as: UTF8.self)
    }

    /// What the tag of a CommandComplete, a message from its first byte, says.
    static func tag(_ message: Span<UInt8>) -> TransactionTracker.Tag {
        guard message.count > 5 else { return .other }
        switch message[5] {
        case UInt8(ascii: "B") where message.isText("BEGIN", at: 5): return .begin
        case UInt8(ascii: "S") where message.isText("START TRANSACTION", at: 5): return .begin
        case UInt8(ascii: "C") where message.isText("COMMIT", at: 5): return .commit
        case UInt8(ascii: "R") where message.isText("ROLLBACK", at: 5): return .rollback
        case UInt8(ascii: "P") where message.isText("PREPARE TRANSACTION", at: 5): return .prepare
        default: return .other
        }
    }
}
