extension PostgresInterceptor {
    /// RowDescription of a result that tells the transaction's number: where it stands.
    mutating func readColumns(_ message: Span<UInt8>) {
        var offset = 5
        let count = message.number(bytes: 2, at: &offset)
        transactionColumn = nil
        for index in 0..<count where offset < message.count {
            let name = String(decoding: message.text(at: &offset), as: UTF8.self)
            // Table, column, type, its size and modifier.
            offset = min(message.count, offset + 16)
            let isBinary = message.number(bytes: 2, at: &offset) == 1
            guard TransactionColumn.names.contains(name) || count == 1 else { continue }
            transactionColumn = (index, isBinary)
        }
    }

    /// A DataRow.
    mutating func row(
        _ head: AnswerQueue.Entry,
        _ message: Span<UInt8>,
        _ verdict: Verdict
    ) -> Verdict {
        rows += 1
        if head.tellsTransactionID, rows == 1 { readTransactionID(message) }
        guard !head.isHidden else { return verdict }
        for (index, rule) in rules.enumerated() {
            guard case .partialResult(let row) = rule.fault, row == rows,
                acceptsApplication(rule),
                rule.statement.transaction ?? session.transaction.state
                    == session.transaction.state,
                head.matched >> UInt64(index) & 1 == 1
            else { continue }
            guard let occurrence = rule.occur() else { continue }
            // At least the head and a byte less than all.
            let cut = min(message.count - 1, max(5, message.count / 2))
            plan.append(.fired(firing(rule, occurrence)))
            plan.append(.send(Array(message.extracting(..<cut)), .downstream))
            plan.append(.end(.breakClient))
            return .replace(dropsRest: true)
        }
        return .pass
    }

    private mutating func readTransactionID(_ message: Span<UInt8>) {
        var offset = 5
        let count = message.number(bytes: 2, at: &offset)
        // Without a RowDescription only a single column is beyond doubt.
        guard let column = transactionColumn ?? (count == 1 ? (0, false) : nil) else { return }
        for index in 0..<count {
            let length = message.number(bytes: 4, at: &offset)
            guard index == column.index else {
                offset = min(message.count, offset + max(0, length))
                continue
            }
            // NULL: no number was assigned, so the transaction wrote nothing.
            guard length > 0, offset + length <= message.count else { return }
            let bytes = [UInt8](message.extracting(offset..<(offset + length)))
            if bytes.allSatisfy({ (0x30...0x39).contains($0) }), bytes.count <= 20 {
                transactionID = String(decoding: bytes, as: UTF8.self)
            } else if bytes.count == 8 {
                transactionID = "\(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })"
            }
            return
        }
    }
}
