import JSON

extension PostgresInterceptor {
    /// Decides about a message of the client, given from its first byte.
    mutating func clientMessage(_ message: Span<UInt8>) -> Verdict {
        guard session.phase == .session else { return startupPacket(message) }
        let type = message[0]
        session.asked(type)
        guard isEngaged else {
            switch type {
            case UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "C"):
                session.name(message, isFull: false)
            case UInt8(ascii: "Q"): session.names.forgetUnnamed()
            default: break
            }
            return .pass
        }
        guard !answers.isFull else {
            stepAside()
            return .pass
        }
        switch type {
        case UInt8(ascii: "P"): return named(message, .parse)
        case UInt8(ascii: "B"):
            if rules.contains(where: { $0.fault == .duplicate }) { remember(message) }
            return named(message, .bind)
        case UInt8(ascii: "C"): return named(message, .close)
        case UInt8(ascii: "D"): answers.append(.init(.describe))
        case UInt8(ascii: "S"):
            if !session.isCopyingIn { answers.append(.init(.sync)) }
        case UInt8(ascii: "F"): answers.append(.init(.function))
        case UInt8(ascii: "Q"):
            var offset = 5
            session.names.forgetUnnamed()
            let end = min(message.count, offset + SQLText.lengthMax)
            let text = SQLText(message.extracting(..<end).text(at: &offset))
            return decide(ClientStatement(text: text, isQuery: true), message)
        case UInt8(ascii: "E"):
            var offset = 5
            let text = session.names.text(ofPortal: message.text(at: &offset))
            return decide(ClientStatement(text: text, isQuery: false), message)
        default: break
        }
        return .pass
    }

    private mutating func named(_ message: Span<UInt8>, _ kind: AnswerQueue.Kind) -> Verdict {
        session.name(message, isFull: true)
        answers.append(.init(kind))
        return .pass
    }

    /// Keeps a Bind, if it is whole, so that it can be sent again.
    private mutating func remember(_ message: Span<UInt8>) {
        var offset = 5
        let portal = message.text(at: &offset)
        lastBind = client.framer.rest == 0 ? (portal, Array(message)) : nil
    }

    // MARK: the start of a session

    private mutating func startupPacket(_ packet: Span<UInt8>) -> Verdict {
        guard session.startup(packet) else { return .pass }
        client.framer.hasTypeByte = true
        // A start-up packet has no text that a filter could want.
        for rule in rules
        where rule.fault.hitsStartup && acceptsApplication(rule) && rule.statement.accepts(nil) {
            guard let occurrence = rule.occur() else { continue }
            switch rule.fault {
            case .refuseStartup(let failure):
                plan = [
                    .fired(firing(rule, occurrence)),
                    .send(PostgresWire.error(failure, isFatal: true), .downstream),
                    .end(.close),
                ]
            default:
                plan = [
                    .fired(firing(rule, occurrence)),
                    .hold(SessionHold(toxic: rule.toxic, nanoseconds: nil)),
                    .send(Array(packet), .upstream),
                ]
            }
            return .replace(dropsRest: true)
        }
        return .pass
    }

    func acceptsApplication(_ rule: SessionRule) -> Bool {
        guard let name = rule.statement.applicationName else { return true }
        return name == session.applicationName
    }

    // MARK: records

    /// What is recorded of a hit at this point of the session.
    func firing(
        _ rule: SessionRule,
        _ occurrence: Int,
        text: SQLText? = nil,
        transactionID: String? = nil
    ) -> SessionFiring {
        var detail: JSONObject = [
            "statement": .integer(Int64(session.statements + 1)),
            "occurrence": .integer(Int64(occurrence)),
        ]
        // Literals may be anybody's data; the fingerprint has none.
        detail["sql"] = text.map { .string(String($0.fingerprint.prefix(200))) }
        detail["transaction_id"] = transactionID.map { .string($0) }
        return SessionFiring(toxic: rule.toxic, tally: rule.tally, detail: detail)
    }
}

/// A statement that the client wants run: a simple query, or a portal.
struct ClientStatement: Sendable {
    /// `nil`: prepared at a time or in a way that was not seen.
    let text: SQLText?
    let isQuery: Bool
    let effects: [SQLText.Effect]

    init(text: SQLText?, isQuery: Bool) {
        self.text = text
        self.isQuery = isQuery
        effects = text?.effects ?? [.none]
    }

    /// Whether it changes nothing about transactions.
    var isPlain: Bool { effects.allSatisfy { $0 == .none } && !effects.isEmpty }

    /// Whether its result tells the number of the transaction.
    var asksTransactionID: Bool {
        guard let text else { return false }
        var scanner = SQLScanner(text.bytes)
        while let token = scanner.next() {
            guard token.kind == .word else { continue }
            let word = String(decoding: text.bytes[token.range], as: UTF8.self).lowercased()
            if TransactionColumn.names.contains(word) { return true }
        }
        return false
    }
}

/// The functions whose result is the number of the transaction.
enum TransactionColumn {
    static let names: Set<String> = [
        "pg_current_xact_id", "pg_current_xact_id_if_assigned", "txid_current",
        "txid_current_if_assigned",
    ]
    /// PostgreSQL 10 and newer know it; it assigns no number where there is none.
    static let question = "SELECT txid_current_if_assigned()"
}
