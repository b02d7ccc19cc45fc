import JSON

extension PostgresInterceptor {
    /// Decides about a message of the server, given from its first byte.
    mutating func serverMessage(_ message: Span<UInt8>) -> Verdict {
        plan.removeAll(keepingCapacity: true)
        let type = message[0]
        switch type {
        case UInt8(ascii: "S"):
            session.parameter(message)
            return .pass
        case UInt8(ascii: "A"): return .pass
        case UInt8(ascii: "G"): beginCopyIn()
        case UInt8(ascii: "Z"): session.ready(message)
        case UInt8(ascii: "E"): session.transaction.errorReported()
        default: break
        }
        guard isEngaged, !answers.isEmpty, !server.hasPassed else {
            guard type == UInt8(ascii: "C") else { return .pass }
            let didCommit = session.transaction.completed(PostgresSession.tag(message))
            return completed(didCommit, message, matched: 0)
        }
        return answer(type, message)
    }

    private mutating func beginCopyIn() {
        session.beginCopyIn()
        answers.ignoreSyncsBehindHead()
    }

    /// An answer to the head of the queue.
    private mutating func answer(_ type: UInt8, _ message: Span<UInt8>) -> Verdict {
        guard let head = answers.head else { return .pass }
        let verdict = head.isHidden ? Verdict.replace(dropsRest: true) : .pass
        switch type {
        case UInt8(ascii: "1"): return step(head, .parse, verdict)
        case UInt8(ascii: "2"): return step(head, .bind, verdict)
        case UInt8(ascii: "3"): return step(head, .close, verdict)
        case UInt8(ascii: "n"): return step(head, .describe, verdict)
        case UInt8(ascii: "T"):
            rows = 0
            if followsTransactionID { readColumns(message) }
            if head.kind == .describe { answers.removeFirst() }
            return verdict
        case UInt8(ascii: "D"): return row(head, message, verdict)
        case UInt8(ascii: "C"): return complete(head, message, verdict)
        case UInt8(ascii: "I"), UInt8(ascii: "s"):
            endResult(head)
            return verdict
        case UInt8(ascii: "E"): return error(head, message, verdict)
        case UInt8(ascii: "Z"): return ready(verdict)
        default: return verdict
        }
    }

    /// A message that is answered by this one alone.
    private mutating func step(
        _ head: AnswerQueue.Entry,
        _ kind: AnswerQueue.Kind,
        _ verdict: Verdict
    ) -> Verdict {
        guard head.kind == kind else {
            // The server answers what was not asked: the session is not what we think it is.
            stepAside()
            return .pass
        }
        answers.removeFirst()
        return verdict
    }

    private mutating func endResult(_ head: AnswerQueue.Entry) {
        rows = 0
        transactionColumn = nil
        if head.kind == .execute { answers.removeFirst() }
    }

    // MARK: completion

    private mutating func complete(
        _ head: AnswerQueue.Entry,
        _ message: Span<UInt8>,
        _ verdict: Verdict
    ) -> Verdict {
        let didCommit = session.transaction.completed(PostgresSession.tag(message))
        endResult(head)
        guard head.isHidden else { return completed(didCommit, message, matched: head.matched) }
        if head.kind == .execute, let firing = head.breaking { breakNow(firing) }
        return verdict
    }

    /// A statement of the client's completed; `matched` tells the rules whose text it was.
    private mutating func completed(
        _ didCommit: Bool,
        _ message: Span<UInt8>,
        matched: UInt64
    ) -> Verdict {
        session.statements += 1
        guard didCommit else { return .pass }
        session.commits += 1
        let number = transactionID
        transactionID = nil
        guard !server.hasPassed else { return .pass }
        for (index, rule) in rules.enumerated() {
            guard rule.fault.hitsCommitAck, acceptsApplication(rule),
                !rule.statement.needsText || matched >> UInt64(index) & 1 == 1,
                rule.statement.transaction ?? .open == .open
            else { continue }
            guard let occurrence = rule.occur() else { continue }
            var firing = firing(rule, occurrence, transactionID: number)
            // This statement has been counted already.
            firing.detail["statement"] = .integer(Int64(session.statements))
            plan.append(.fired(firing))
            guard case .delayCommitAck(let time, _) = rule.fault else {
                plan.append(.end(.breakClient))
                return .replace(dropsRest: true)
            }
            plan.append(.hold(SessionHold(toxic: rule.toxic, nanoseconds: time)))
        }
        guard !plan.isEmpty else { return .pass }
        plan.append(.send(Array(message), .downstream))
        return .replace(dropsRest: false)
    }

    private mutating func breakNow(_ firing: SessionFiring) {
        var firing = firing
        firing.detail["transaction_id"] = transactionID.map { .string($0) }
        plan.append(.fired(firing))
        plan.append(.end(.breakClient))
    }

    // MARK: errors and the end of a batch

    private mutating func error(
        _ head: AnswerQueue.Entry,
        _ message: Span<UInt8>,
        _ verdict: Verdict
    ) -> Verdict {
        rows = 0
        if !head.kind.endsInReady {
            if let firing = answers.skipToSync() { breakNow(firing) }
            if let failure = head.failure {
                plan.append(.send(failure, .downstream))
                return .replace(dropsRest: true)
            }
        }
        guard !plan.isEmpty || (head.isHidden && head.hidesError) else { return .pass }
        return .replace(dropsRest: true)
    }

    private mutating func ready(_ verdict: Verdict) -> Verdict {
        rows = 0
        transactionColumn = nil
        let entry = answers.ready()
        if answers.isEmpty {
            predicted = session.transaction.state
            if predicted == .idle { statementsInTransaction = 0 }
        }
        guard let entry else { return .pass }
        if let firing = entry.breaking { breakNow(firing) }
        let isHidden = entry.hidesReady || isQuestion(entry)
        if let failure = entry.failure { plan.append(.send(failure, .downstream)) }
        guard !plan.isEmpty || isHidden else { return .pass }
        // A ReadyForQuery is six bytes; it goes on behind what stands in front of it.
        if !isHidden, !isBreaking {
            plan.append(.send(readyForQuery(session.transaction.state), .downstream))
        }
        return .replace(dropsRest: true)
    }

    /// A question of our own as a simple query: the client knows nothing of it.
    private func isQuestion(_ entry: AnswerQueue.Entry) -> Bool {
        entry.kind == .query && entry.isHidden && entry.tellsTransactionID
    }

    private func readyForQuery(_ state: TransactionTracker.State) -> [UInt8] {
        PostgresWire.message("Z", Array(state.letter.utf8))
    }
}

extension SessionFault {
    /// Whether it strikes at the acknowledgement of a COMMIT.
    var hitsCommitAck: Bool {
        switch self {
        case .loseCommitAck, .delayCommitAck: true
        default: false
        }
    }
}
