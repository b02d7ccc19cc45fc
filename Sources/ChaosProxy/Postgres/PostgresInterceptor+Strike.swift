extension PostgresInterceptor {
    /// Plans what a hit does to a statement; whether the statement itself is gone by that.
    ///
    /// `entry`: what the answer of the statement would be.
    mutating func strike(
        _ hit: Hit,
        _ statement: ClientStatement,
        _ sight: Sight,
        _ message: Span<UInt8>,
        _ entry: AnswerQueue.Entry
    ) -> Bool {
        switch hit.rule.fault {
        case .stall(let time):
            plan.append(.fired(hit.firing))
            plan.append(.hold(SessionHold(toxic: hit.rule.toxic, nanoseconds: time)))
            return false
        case .slowQuery(let time):
            plan.append(.fired(hit.firing))
            plan.append(.hold(SessionHold(toxic: hit.rule.toxic, nanoseconds: time)))
            return false
        case .dropCommit(let asks):
            drop(hit, asks: asks && transactionID == nil && sight.state == .open, statement)
        case .error(let failure, _): fail(hit, failure, statement, sight)
        case .terminate(let failure):
            plan.append(.fired(hit.firing))
            plan.append(.send(PostgresWire.error(failure, isFatal: true), .downstream))
            plan.append(.send(PostgresWire.terminate, .upstream))
            plan.append(.end(.close))
        case .duplicate: sendTwice(hit, statement, sight, message, entry)
        default: return false
        }
        return true
    }

    /// The COMMIT stays here; the connection breaks, at once or when the number is known.
    private mutating func drop(_ hit: Hit, asks: Bool, _ statement: ClientStatement) {
        guard asks else {
            plan.append(.fired(hit.firing))
            plan.append(.end(.breakClient))
            return
        }
        ask(statement.isQuery, breaking: hit.firing)
        isBreaking = true
    }

    /// Asks the server for the number of the transaction, ahead of its COMMIT.
    ///
    /// `isQuery`: the COMMIT is a simple query; within a batch the extended protocol is used,
    /// because a simple query would do away with the client's unnamed portal. `breaking`: the
    /// connection breaks with the answer, and this is recorded.
    mutating func ask(_ isQuery: Bool, breaking: SessionFiring? = nil) {
        var question = AnswerQueue.Entry.hidden(isQuery ? .query : .execute)
        question.tellsTransactionID = true
        question.breaking = breaking
        guard !isQuery else {
            answers.append(question)
            plan.append(.send(PostgresWire.query(TransactionColumn.question), .upstream))
            return
        }
        answers.append(.hidden(.parse))
        answers.append(.hidden(.bind))
        answers.append(question)
        answers.append(.hidden(.close))
        let flush = breaking == nil ? [] : PostgresWire.flush
        plan.append(.send(PostgresWire.run(TransactionColumn.question) + flush, .upstream))
    }

    /// Puts an error in the place of the statement; the server's transaction is aborted by one of
    /// its own, so that both sides agree.
    private mutating func fail(
        _ hit: Hit,
        _ failure: SQLFailure,
        _ statement: ClientStatement,
        _ sight: Sight
    ) {
        plan.append(.fired(hit.firing))
        let rollsBack = sight.commits && sight.state == .open
        var entry = AnswerQueue.Entry.hidden(statement.isQuery ? .query : .execute)
        entry.hidesError = true
        entry.failure = PostgresWire.error(failure)
        if statement.isQuery {
            answers.append(entry)
            let sql = rollsBack ? PostgresWire.query("ROLLBACK") : PostgresWire.failingQuery
            plan.append(.send(sql, .upstream))
        } else {
            var bytes: [UInt8] = []
            if rollsBack {
                for kind in [AnswerQueue.Kind.parse, .bind, .execute, .close] {
                    answers.append(.hidden(kind))
                }
                bytes = PostgresWire.run("ROLLBACK")
            }
            answers.append(entry)
            plan.append(.send(bytes + PostgresWire.failingExecute, .upstream))
        }
        predicted = sight.state == .open && !rollsBack ? .failed : .idle
    }

    /// Whether a statement can be sent twice: it is whole, and so is its Bind.
    func canRepeat(_ statement: ClientStatement, _ message: Span<UInt8>) -> Bool {
        guard client.framer.rest == 0 else { return false }
        guard !statement.isQuery else { return true }
        var offset = 5
        return lastBind?.portal == message.text(at: &offset)
    }

    /// Sends the statement twice; the client gets the first answer and the transaction's true
    /// state.
    private mutating func sendTwice(
        _ hit: Hit,
        _ statement: ClientStatement,
        _ sight: Sight,
        _ message: Span<UInt8>,
        _ entry: AnswerQueue.Entry
    ) {
        plan.append(.fired(hit.firing))
        let bytes = [UInt8](message)
        var first = entry
        var second = AnswerQueue.Entry.hidden(entry.kind)
        second.hidesError = true
        guard !statement.isQuery else {
            first.hidesReady = true
            answers.append(first)
            answers.append(second)
            plan.append(.send(bytes + bytes, .upstream))
            return
        }
        answers.append(first)
        let bind = lastBind ?? ([], [])
        var between: [UInt8]
        if sight.state == .idle {
            // Without a transaction each is its own: the first must not fail with the second.
            var sync = AnswerQueue.Entry.hidden(.sync)
            sync.hidesReady = true
            answers.append(sync)
            between = PostgresWire.sync
        } else {
            answers.append(.hidden(.close))
            between = PostgresWire.close(portal: bind.portal)
        }
        answers.append(.hidden(.bind))
        answers.append(second)
        between += bind.message
        plan.append(.send(bytes + between + bytes, .upstream))
    }
}
