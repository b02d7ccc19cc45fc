/// A toxic's `match`: which things it may hit, and which occurrences of those it does hit.
///
/// First the filters decide whether something is an occurrence; then occurrences are counted.
struct ToxicMatch: Sendable, Equatable {
    /// `nil`: every occurrence.
    var occurrence: OccurrenceMatch?
    /// What the occurrences are; `nil`: what suits the type of the toxic.
    var unit: MatchUnit?
    /// Which statements of a PostgreSQL session.
    var statement = StatementFilter()
    /// Which requests of an HTTP connection.
    var request = RequestFilter()

    init(_ occurrence: OccurrenceMatch? = nil, unit: MatchUnit? = nil) {
        self.occurrence = occurrence
        self.unit = unit
    }
}

/// Which statements of a PostgreSQL session a toxic may hit; each part that is given must hold.
struct StatementFilter: Sendable, Equatable {
    /// Found anywhere in the statement's text, in any case.
    var sql: TextPattern?
    var fingerprint: Fingerprint?
    /// Named by the statement: `charges` also stands for `public.charges`.
    var table: String?
    /// The transaction's state when the statement comes.
    var transaction: TransactionTracker.State?
    /// What the session last said that it is.
    var applicationName: String?

    /// A statement's text with its literals taken out, as the client wrote it and as it is
    /// compared.
    struct Fingerprint: Sendable, Equatable {
        let text: String
        let normalised: String

        init(_ text: String) {
            self.text = text
            normalised = SQLText(text).fingerprint
        }
    }

    var isEmpty: Bool { self == StatementFilter() }

    /// Whether the text of statements must be known.
    var needsText: Bool { sql != nil || fingerprint != nil || table != nil }

    /// Whether a statement's text is what is looked for; a text that is not known never is.
    func accepts(_ text: SQLText?) -> Bool {
        guard needsText else { return true }
        guard let text else { return false }
        if let sql, !sql.isFound(in: text.bytes) { return false }
        if let fingerprint, fingerprint.normalised != text.fingerprint { return false }
        guard let table else { return true }
        return text.tables.contains { $0 == table || $0.hasSuffix(".\(table)") }
    }
}

/// Which requests of an HTTP connection a toxic may hit; each part that is given must hold.
struct RequestFilter: Sendable, Equatable {
    /// Methods are compared with their case.
    var method: String?
    /// Found anywhere in the request's target, with its case.
    var path: TextPattern?
    /// The status of the response.
    var status: StatusFilter?

    /// One status, or a hundred of them: `503`, `5xx`.
    struct StatusFilter: Sendable, Equatable {
        let range: ClosedRange<Int>

        /// Reads `503` or `5xx`.
        init?(_ text: String) {
            let bytes = Array(text.lowercased().utf8)
            guard bytes.count == 3, let first = bytes.first, (0x31...0x39).contains(first) else {
                return nil
            }
            if bytes[1...] == [0x78, 0x78] {
                let hundred = Int(first - 0x30) * 100
                range = hundred...(hundred + 99)
            } else if let status = Int(text) {
                range = status...status
            } else {
                return nil
            }
        }

        var text: String {
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound / 100)xx"
        }
    }

    var isEmpty: Bool { self == RequestFilter() }

    /// Whether a request is what is looked for, its response left aside.
    func accepts(method: String, target: String) -> Bool {
        if let wanted = self.method, wanted != method { return false }
        guard let path else { return true }
        return path.isFound(in: Array(target.utf8.prefix(SQLText.lengthMax)))
    }

    /// Whether a response has the status that is looked for.
    func accepts(status: Int) -> Bool {
        self.status.map { $0.range.contains(status) } ?? true
    }
}
