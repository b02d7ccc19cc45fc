import ChaosModel
import JSON

extension ToxicMatch {
    /// Every name that a `match` may have.
    static let names = [
        "every", "nth", "first", "percent", "by", "sql", "fingerprint", "table", "transaction",
        "application_name", "method", "path", "status",
    ]

    /// Reads `{"nth": 2, "table": "charges"}`; the members are joined by "and".
    init(_ fields: RequestFields) throws(ControlError) {
        if let unknown = fields.unknown.min() {
            throw .badBody(
                "match.\(unknown) is not known. Use \(ToxicMatch.names.joined(separator: ", "))"
            )
        }
        guard !fields.isEmpty else {
            throw .badBody("match is empty. Say what to match, or leave it out")
        }
        occurrence = try OccurrenceMatch.read(fields)
        if let text = fields.string("by") {
            guard let unit = MatchUnit(rawValue: text) else {
                let units = MatchUnit.allCases.map(\.rawValue).joined(separator: ", ")
                throw .badBody("match.by \"\(text)\" is not known. Use \(units)")
            }
            self.unit = unit
        }
        statement = try StatementFilter(fields)
        request = try RequestFilter(fields)
    }

    /// Whether the match can be used on a type of toxic.
    ///
    /// `spoken`: what the connections speak; `nil`: any of what the type knows.
    func check(
        for type: ToxicType,
        on spoken: SystemDescription.Link.WireProtocol?
    ) throws(ControlError) {
        let name = type.name
        guard let usual = type.matchUnits.first else {
            throw ControlError(status: 400, message: "toxic type \(name) knows no match")
        }
        if let unit, !type.matchUnits.contains(unit) {
            let units = type.matchUnits.map(\.rawValue).joined(separator: " or ")
            throw .badBody("match: \(name) matches by \(units), not by \(unit.rawValue)")
        }
        if unit ?? usual != .event, occurrence == nil {
            throw .badBody("match: \(name) needs one of every, nth, first and percent")
        }
        let protocols = type.protocols.filter { $0 == spoken ?? $0 }
        if !statement.isEmpty, !protocols.contains(.postgres) {
            throw .badBody(
                "match: \(name) hits no SQL. Leave sql, fingerprint, table, transaction and"
                    + " application_name out"
            )
        }
        if !request.isEmpty, !protocols.contains(.http) {
            throw .badBody("match: \(name) hits no HTTP. Leave method, path and status out")
        }
    }

    /// `{"nth":2,"table":"charges"}`.
    var json: JSONValue {
        var object = occurrence?.json.objectValue ?? [:]
        object["by"] = unit.map { .string($0.rawValue) }
        object["sql"] = statement.sql.map { .string($0.text) }
        object["fingerprint"] = statement.fingerprint.map { .string($0.text) }
        object["table"] = statement.table.map { .string($0) }
        object["transaction"] = statement.transaction.map { .string($0.letter) }
        object["application_name"] = statement.applicationName.map { .string($0) }
        object["method"] = request.method.map { .string($0) }
        object["path"] = request.path.map { .string($0.text) }
        object["status"] = request.status.map { .string($0.text) }
        return .object(object)
    }
}

extension OccurrenceMatch {
    /// Reads `every`, `nth`, `first` or `percent`; `nil` when none is there.
    static func read(_ fields: RequestFields) throws(ControlError) -> OccurrenceMatch? {
        let counts = ["every", "nth", "first"].compactMap { name in
            fields.integer(name).map { (name, $0) }
        }
        let percent = fields.double("percent")
        guard counts.count + (percent == nil ? 0 : 1) <= 1 else {
            throw .badBody("match must have at most one of every, nth, first, percent")
        }
        if let percent {
            guard (0...100).contains(percent) else {
                throw .badBody("match.percent must be from 0 to 100, got \(percent)")
            }
            return .percent(percent)
        }
        guard let (name, number) = counts.first else { return nil }
        guard number >= 1, number <= 1 << 53 else {
            throw .badBody("match.\(name) must be 1 or more, got \(number)")
        }
        switch name {
        case "every": return .every(Int(number))
        case "nth": return .nth(Int(number))
        default: return .first(Int(number))
        }
    }

    /// `{"every":5}`.
    var json: JSONValue {
        switch self {
        case .every(let count): ["every": .integer(Int64(count))]
        case .nth(let number): ["nth": .integer(Int64(number))]
        case .first(let count): ["first": .integer(Int64(count))]
        case .percent(let percent):
            ["percent": Int64(exactly: percent).map { .integer($0) } ?? .number(percent)]
        }
    }
}

extension StatementFilter {
    fileprivate init(_ fields: RequestFields) throws(ControlError) {
        self.init()
        sql = try fields.pattern("sql", ignoresCase: true)
        fingerprint = try fields.word("fingerprint").map { Fingerprint($0) }
        table = try fields.word("table")
        applicationName = fields.string("application_name")
        guard let text = try fields.word("transaction") else { return }
        guard let state = TransactionTracker.State(word: text) else {
            throw .badBody(
                "match.transaction \"\(text)\" is no state. Use I (idle), T (in a transaction) or"
                    + " E (failed)"
            )
        }
        transaction = state
    }
}

extension RequestFilter {
    fileprivate init(_ fields: RequestFields) throws(ControlError) {
        self.init()
        method = try fields.word("method")?.uppercased()
        path = try fields.pattern("path", ignoresCase: false)
        guard let text = try fields.wordOrNumber("status") else { return }
        guard let filter = StatusFilter(text) else {
            throw .badBody("match.status \"\(text)\" is no status. Use 503, or 5xx")
        }
        status = filter
    }
}

extension TransactionTracker.State {
    /// Reads `I`, `T`, `E` or `idle`, `open`, `failed`, in any case.
    init?(word: String) {
        switch word.lowercased() {
        case "i", "idle": self = .idle
        case "t", "open": self = .open
        case "e", "failed": self = .failed
        default: return nil
        }
    }

    /// As in ReadyForQuery; `?` when not known.
    var letter: String {
        switch self {
        case .idle: "I"
        case .open: "T"
        case .failed: "E"
        case .unknown: "?"
        }
    }
}

extension RequestFields {
    /// A text that is not empty.
    fileprivate func word(_ name: String) throws(ControlError) -> String? {
        guard let text = string(name) else { return nil }
        guard !text.isEmpty else {
            throw .badBody("match.\(name) is empty. Say what to match, or leave it out")
        }
        return text
    }

    fileprivate func wordOrNumber(_ name: String) throws(ControlError) -> String? {
        guard let value = value(name) else { return nil }
        switch value {
        case .number(let text): return text
        case .string(let text) where !text.isEmpty: return text
        default:
            throw .badBody("match.\(name) is \(value.kind). Say what to match, or leave it out")
        }
    }

    fileprivate func pattern(
        _ name: String,
        ignoresCase: Bool
    ) throws(ControlError) -> TextPattern? {
        guard let text = try word(name) else { return nil }
        do throws(TextPatternError) {
            return try TextPattern(text, ignoresCase: ignoresCase)
        } catch {
            throw .badBody("match.\(name) \(error.message)")
        }
    }
}
