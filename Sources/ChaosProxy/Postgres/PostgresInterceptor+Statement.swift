extension PostgresInterceptor {
    /// What a statement of the client is to the rules.
    struct Sight {
        /// The transaction's state before it.
        var state: TransactionTracker.State
        /// It begins a transaction.
        var begins = false
        /// It commits one that is open.
        var commits = false
        /// The ordinals of its plain statements behind BEGIN.
        var ordinals = 0..<0
        /// It has plain statements.
        var hasPlain = false
        /// The rules whose text it is.
        var matched: UInt64 = 0
        /// The rules whose text a statement of the committed transaction was.
        var committed: UInt64 = 0
    }

    /// Decides about a statement before it goes to the server.
    mutating func decide(_ statement: ClientStatement, _ message: Span<UInt8>) -> Verdict {
        let sight = look(at: statement)
        var entry = AnswerQueue.Entry(
            statement.isQuery ? .query : .execute,
            matched: sight.commits ? sight.committed : sight.matched
        )
        entry.tellsTransactionID = followsTransactionID && statement.asksTransactionID
        plan.removeAll(keepingCapacity: true)
        for (index, rule) in rules.enumerated() where isOccurrence(rule, index, sight) {
            if case .duplicate = rule.fault,
                !canRepeat(statement, message)
            {
                continue
            }
            guard let occurrence = rule.occur() else { continue }
            let hit = Hit(
                rule: rule,
                firing: firing(
                    rule,
                    occurrence,
                    text: statement.text,
                    transactionID: sight.commits ? transactionID : nil
                )
            )
            if strike(hit, statement, sight, message, entry) {
                return .replace(dropsRest: true)
            }
        }
        // Only what waits was planned so far.
        let asks = sight.commits && sight.state == .open && asksTransactionID(sight)
        if asks { ask(statement.isQuery) }
        answers.append(entry)
        guard !plan.isEmpty else { return .pass }
        plan.append(.send(Array(message), .upstream))
        return .replace(dropsRest: false)
    }

    /// A rule that hits, and what is recorded of it.
    struct Hit {
        let rule: SessionRule
        var firing: SessionFiring
    }

    // MARK: looking

    private mutating func look(at statement: ClientStatement) -> Sight {
        var sight = Sight(state: predicted)
        for (index, rule) in rules.enumerated() where rule.statement.accepts(statement.text) {
            sight.matched |= 1 << UInt64(index)
        }
        for effect in statement.effects {
            switch effect {
            case .begin:
                guard predicted == .idle else { continue }
                sight.begins = true
                beginTransaction()
            case .none:
                sight.hasPlain = true
                matchedInTransaction |= sight.matched
                guard predicted == .open else { continue }
                statementsInTransaction += 1
                let first =
                    sight.ordinals.isEmpty
                    ? statementsInTransaction : sight.ordinals.lowerBound
                sight.ordinals = first..<(statementsInTransaction + 1)
            case .commit, .commitAndChain:
                if predicted == .open {
                    sight.commits = true
                    sight.committed = matchedInTransaction | sight.matched
                }
                endTransaction(chains: effect == .commitAndChain)
            case .rollback: endTransaction(chains: false)
            case .rollbackAndChain: endTransaction(chains: true)
            case .prepare: endTransaction(chains: false)
            }
        }
        if predicted == .idle { matchedInTransaction = 0 }
        return sight
    }

    private mutating func beginTransaction() {
        predicted = .open
        statementsInTransaction = 0
        matchedInTransaction = 0
        // What was seen before belongs to another transaction.
        if answers.isEmpty { transactionID = nil }
    }

    private mutating func endTransaction(chains: Bool) {
        let wasIdle = predicted == .idle
        predicted = chains && !wasIdle ? .open : .idle
        statementsInTransaction = 0
        if chains { matchedInTransaction = 0 }
    }

    /// Whether a statement is what a rule looks for.
    private func isOccurrence(_ rule: SessionRule, _ index: Int, _ sight: Sight) -> Bool {
        guard acceptsApplication(rule) else { return false }
        if let wanted = rule.statement.transaction, wanted != sight.state { return false }
        let bit: UInt64 = 1 << UInt64(index)
        let isMatched = sight.matched & bit != 0
        switch rule.fault {
        case .dropCommit: return sight.commits && sight.committed & bit != 0
        case .error(_, .begin): return isMatched && sight.begins
        case .error(_, .commit): return sight.commits && sight.committed & bit != 0
        case .error(_, .statement(let ordinal)):
            return isMatched && sight.hasPlain && (ordinal == 0 || sight.ordinals.contains(ordinal))
        case .stall: return isMatched && sight.state == .open
        case .slowQuery: return isMatched && sight.hasPlain
        case .terminate: return isMatched
        case .duplicate: return isMatched && sight.hasPlain && !sight.commits
        default: return false
        }
    }

    /// Whether anything armed has a use for the number of a transaction.
    var followsTransactionID: Bool {
        rules.contains { rule in
            switch rule.fault {
            case .loseCommitAck, .delayCommitAck, .dropCommit: true
            default: false
            }
        }
    }

    /// Whether a toxic that may hit this COMMIT wants the number and the client did not ask.
    private func asksTransactionID(_ sight: Sight) -> Bool {
        guard transactionID == nil else { return false }
        return rules.enumerated().contains { index, rule in
            rule.fault.asksTransactionID && acceptsApplication(rule)
                && sight.committed >> UInt64(index) & 1 == 1
        }
    }
}
