/// One PostgreSQL session: watched always, interfered with where a toxic says so.
///
/// ```
/// bytes ─▶ MessageReader ─▶ PostgresSession: what is going on
///                       └─▶ rules ─▶ steps: pass · send · hold · break
///                           AnswerQueue: whose answer is whose
/// ```
///
/// While no rule is armed every byte passes at once and messages are only followed. With rules the
/// session is *engaged* from the next moment at which nothing is under way: then messages of the
/// client are kept until they are whole (at most `MessageFramer.prefixMax`) and decided about.
/// What cannot be read (encryption, nonsense) makes the session opaque: it then passes unseen.
struct PostgresInterceptor: Interceptor {
    /// Rules that one session regards; the toxics behind are not looked at.
    static let rulesMax = 64

    var session = PostgresSession()
    var rules: [SessionRule] = []
    var client = MessageReader(hasTypeByte: false)
    var server = MessageReader(hasTypeByte: true)
    /// Whether each message is decided about.
    var isEngaged = false
    /// The connection ends; nothing that comes is looked at.
    var isOver = false
    /// The connection ends with an answer of the server; nothing of the client goes on any more.
    var isBreaking = false
    var answers = AnswerQueue()
    /// The transaction's state as it will be when the statements under way are through.
    var predicted = TransactionTracker.State.idle
    /// Statements behind BEGIN so far.
    var statementsInTransaction = 0
    /// The rules whose text a statement of the transaction was.
    var matchedInTransaction: UInt64 = 0
    var transactionID: String?
    /// Rows of the result under way.
    var rows = 0
    /// The column that tells the transaction's number, and whether it is binary.
    var transactionColumn: (index: Int, isBinary: Bool)?
    /// The last Bind and its portal, for a statement that is sent twice.
    var lastBind: (portal: [UInt8], message: [UInt8])?
    /// What is done in place of the message that is decided about.
    var plan: [InterceptStep] = []

    /// What becomes of a message.
    enum Verdict: Sendable, Equatable {
        case pass
        /// `plan` takes its place; the rest of a long message goes on, or not.
        case replace(dropsRest: Bool)
    }

    private static let watchedTypes = TypeSet("CEZSG")
    private static let watchedBodies = TypeSet("CZS")
    private static let clientTypes = TypeSet.all.subtracting(TypeSet("dp"))
    private static let namingTypes = TypeSet("PBC")
    private static let rowTypes = TypeSet("Dd")

    var needsBytes: Bool { true }

    var summary: ConnectionSummary.SessionSummary? {
        ConnectionSummary.SessionSummary(
            phase: session.phase.rawValue,
            statements: session.statements,
            transactions: session.transactions,
            commits: session.commits
        )
    }

    var commits: Int { session.commits }

    /// Terminate: the backend ends its session instead of logging a lost client.
    var goodbye: [UInt8] {
        session.phase == .session && client.isCleanlyPassed ? PostgresWire.terminate : []
    }

    mutating func arm(_ rules: [SessionRule]) {
        let old = self.rules.map(\.toxic)
        self.rules = Array(rules.prefix(PostgresInterceptor.rulesMax))
        let places = old.map { name in self.rules.firstIndex { $0.toxic == name } }
        let remap: (UInt64) -> UInt64 = { mask in
            var result: UInt64 = 0
            for (index, place) in places.enumerated() where mask >> UInt64(index) & 1 == 1 {
                if let place { result |= 1 << UInt64(place) }
            }
            return result
        }
        answers.remap(remap)
        matchedInTransaction = remap(matchedInTransaction)
        engageIfQuiet()
    }

    mutating func receive(
        _ bytes: Span<UInt8>,
        going direction: Direction,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    ) {
        guard !isOver, !isBreaking || direction == .downstream else {
            offset = bytes.count
            return
        }
        switch direction {
        case .upstream: receiveClient(bytes, at: &offset, into: &steps)
        case .downstream: receiveServer(bytes, at: &offset, into: &steps)
        }
        engageIfQuiet()
    }

    mutating func ended(_ direction: Direction, into steps: inout [InterceptStep]) {
        guard !isOver else { return }
        let kept = direction == .upstream ? client.release() : server.release()
        if !kept.isEmpty { steps.append(.send(kept, direction)) }
    }

    // MARK: engaging

    private mutating func engageIfQuiet() {
        if isEngaged {
            guard rules.isEmpty, answers.isEmpty, client.framer.isAtBoundary else { return }
            isEngaged = false
            session.settle()
            return
        }
        guard !rules.isEmpty, session.isQuiet, client.framer.isAtBoundary else { return }
        isEngaged = true
        predicted = session.transaction.state
        matchedInTransaction = 0
        statementsInTransaction = 0
    }

    /// The session is no longer understood: everything passes from here on.
    mutating func stepAside() {
        session.phase = .opaque
        isEngaged = false
        answers = AnswerQueue()
        session.names = StatementNames()
    }

    // MARK: the client's bytes

    private var holdsClient: Bool {
        isEngaged || (session.phase == .startup && rules.contains { $0.fault.hitsStartup })
    }

    private mutating func receiveClient(
        _ bytes: Span<UInt8>,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    ) {
        var mark = offset
        if client.skipLost(in: bytes, at: &offset, mark: &mark) { return }
        while session.phase == .startup || session.phase == .session {
            if session.phase == .startup, client.framer.isAtBoundary, offset < bytes.count,
                bytes[offset] == 0x16
            {
                // A TLS ClientHello without SSLRequest (direct TLS, PostgreSQL 17).
                stepAside()
                break
            }
            let bodies = isEngaged ? TypeSet.all : PostgresInterceptor.namingTypes
            switch client.framer.next(
                in: bytes,
                at: &offset,
                wanted: PostgresInterceptor.clientTypes,
                bodies: bodies
            ) {
            case .exhausted:
                return client.exhaust(
                    bytes,
                    mark: mark,
                    holds: holdsClient,
                    going: .upstream,
                    into: &steps
                )
            case .malformed: stepAside()
            case .message:
                let whole = client.gather(bytes, to: offset, going: .upstream, into: &steps)
                let start = max(0, client.framer.start)
                let verdict =
                    whole.isEmpty
                    ? clientMessage(bytes.extracting(start..<offset)) : clientMessage(whole.span)
                if carryOut(verdict, .upstream, mark: &mark, start: start, offset, into: &steps) {
                    return
                }
                if client.skipLost(in: bytes, at: &offset, mark: &mark) { return }
                if isOver || isBreaking {
                    offset = bytes.count
                    return
                }
            }
        }
        passOn(bytes, from: mark, .upstream, into: &steps)
        offset = bytes.count
    }

    // MARK: the server's bytes

    private var serverTypes: TypeSet {
        guard isEngaged else { return PostgresInterceptor.watchedTypes }
        let head = answers.head
        let needsRows =
            head?.isHidden ?? false || head?.tellsTransactionID ?? false
            || rules.contains { $0.fault.hitsRows }
        return needsRows ? .all : TypeSet.all.subtracting(PostgresInterceptor.rowTypes)
    }

    private mutating func receiveServer(
        _ bytes: Span<UInt8>,
        at offset: inout Int,
        into steps: inout [InterceptStep]
    ) {
        var mark = offset
        if server.skipLost(in: bytes, at: &offset, mark: &mark) { return }
        while session.phase == .startup || session.phase == .session {
            if session.negotiations > 0, server.framer.isAtBoundary, offset < bytes.count {
                if session.negotiate(bytes[offset]) {
                    offset += 1
                    continue
                }
                if session.phase == .opaque { break }
            }
            switch server.framer.next(
                in: bytes,
                at: &offset,
                wanted: serverTypes,
                bodies: isEngaged ? .all : PostgresInterceptor.watchedBodies
            ) {
            case .exhausted:
                return server.exhaust(
                    bytes,
                    mark: mark,
                    holds: isEngaged || !rules.isEmpty,
                    going: .downstream,
                    into: &steps
                )
            case .malformed: stepAside()
            case .message:
                let whole = server.gather(bytes, to: offset, going: .downstream, into: &steps)
                let start = max(0, server.framer.start)
                let verdict =
                    whole.isEmpty
                    ? serverMessage(bytes.extracting(start..<offset)) : serverMessage(whole.span)
                if carryOut(verdict, .downstream, mark: &mark, start: start, offset, into: &steps) {
                    return
                }
                if server.skipLost(in: bytes, at: &offset, mark: &mark) { return }
                if isOver {
                    offset = bytes.count
                    return
                }
                engageIfQuiet()
            }
        }
        passOn(bytes, from: mark, .downstream, into: &steps)
        offset = bytes.count
    }
}
