/// The SQL of one message, as far as it is looked at.
struct SQLText: Sendable, Equatable {
    /// More of a text is not looked at, bytes.
    static let lengthMax = 8 << 10

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes.count > SQLText.lengthMax ? Array(bytes[..<SQLText.lengthMax]) : bytes
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// What a statement does to the transaction.
    enum Effect: Sendable, Equatable {
        case begin, commit, rollback
        /// `COMMIT AND CHAIN`: commits and begins.
        case commitAndChain
        /// `ROLLBACK AND CHAIN`.
        case rollbackAndChain
        case prepare
        case none
    }

    /// The effect of each statement of the text, in order; empty statements are left out.
    var effects: [Effect] {
        var scanner = SQLScanner(bytes)
        var effects: [Effect] = []
        var words: [String] = []
        var isEmpty = true
        while let token = scanner.next() {
            if token.kind == .symbol, bytes[token.range.lowerBound] == UInt8(ascii: ";") {
                if !isEmpty { effects.append(SQLText.effect(words)) }
                words = []
                isEmpty = true
                continue
            }
            isEmpty = false
            // Five words decide: ROLLBACK TRANSACTION AND NO CHAIN.
            if words.count < 5 { words.append(token.kind == .word ? word(token) : "?") }
        }
        if !isEmpty { effects.append(SQLText.effect(words)) }
        return effects
    }

    private static func effect(_ words: [String]) -> Effect {
        var rest = words.dropFirst()
        let hasNoise = ["work", "transaction"].contains(rest.first)
        switch words.first {
        case "begin": return .begin
        case "start" where rest.first == "transaction": return .begin
        case "prepare" where rest.first == "transaction": return .prepare
        case "commit", "end":
            if rest.first == "prepared" { return .none }
            if hasNoise { rest = rest.dropFirst() }
            return Array(rest.prefix(2)) == ["and", "chain"] ? .commitAndChain : .commit
        case "rollback", "abort":
            if rest.first == "prepared" { return .none }
            if hasNoise { rest = rest.dropFirst() }
            if rest.first == "to" { return .none }
            return Array(rest.prefix(2)) == ["and", "chain"] ? .rollbackAndChain : .rollback
        default: return .none
        }
    }

    /// The text without what differs from call to call.
    ///
    /// Literals and parameters are `?`, lists of them `(?)`, words in lower case, white space one
    /// space, comments and the last semicolon gone.
    var fingerprint: String {
        var scanner = SQLScanner(bytes)
        var parts: [String] = []
        while let token = scanner.next() {
            switch token.kind {
            case .word: parts.append(word(token))
            case .quotedName: parts.append(string(token))
            case .text, .number, .parameter:
                // `?, ?` is `?`, so that lists of any length are one.
                if parts.last == ",", parts.dropLast().last == "?" {
                    parts.removeLast()
                } else {
                    parts.append("?")
                }
            case .symbol: parts.append(string(token))
            }
        }
        while parts.last == ";" { parts.removeLast() }
        return parts.joined(separator: " ")
    }

    /// The tables that the text names, in lower case unless quoted: `charges`, `public.charges`.
    ///
    /// Found behind FROM, JOIN, INTO, UPDATE, TABLE, TRUNCATE and COPY; names of common table
    /// expressions count as tables.
    var tables: [String] {
        var scanner = SQLScanner(bytes)
        var tables: [String] = []
        var expects = false
        var name = ""
        var isListing = false
        while let token = scanner.next() {
            let isName = token.kind == .word || token.kind == .quotedName
            let symbol = token.kind == .symbol ? bytes[token.range.lowerBound] : 0
            if expects, isName {
                let part = self.name(token)
                if token.kind == .word, ["only", "table", "if", "exists", "not"].contains(part) {
                    continue
                }
                name += part
                expects = false
            } else if !name.isEmpty, symbol == UInt8(ascii: ".") {
                name += "."
                expects = true
            } else {
                if !name.isEmpty { tables.append(name) }
                name = ""
                let opens = token.kind == .word && SQLText.leading.contains(word(token))
                if opens {
                    isListing = true
                } else if token.kind == .word, SQLText.ending.contains(word(token)) {
                    isListing = false
                } else if symbol == UInt8(ascii: "(") {
                    isListing = false
                }
                expects = opens || (isListing && symbol == UInt8(ascii: ","))
            }
        }
        if !name.isEmpty { tables.append(name) }
        return tables
    }

    private static let leading: Set<String> = [
        "from", "join", "into", "update", "truncate", "copy", "table",
    ]
    private static let ending: Set<String> = [
        "where", "set", "on", "using", "group", "order", "values", "select", "returning", "limit",
    ]

    private func string(_ token: SQLScanner.Token) -> String {
        String(decoding: bytes[token.range], as: UTF8.self)
    }

    private func word(_ token: SQLScanner.Token) -> String {
        string(token).lowercased()
    }

    private func name(_ token: SQLScanner.Token) -> String {
        guard token.kind == .quotedName else { return word(token) }
        return String(string(token).dropFirst().dropLast()).replacing("\"\"", with: "\"")
    }
}
