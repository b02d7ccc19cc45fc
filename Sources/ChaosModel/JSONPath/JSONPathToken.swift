import JSON

/// A token of a path.
struct JSONPathToken {
    enum Kind: Equatable {
        /// Punctuation or one of the words `and`, `or`, `not`, `true`, `false`, `null`.
        case mark(String)
        case name(String)
        case string(String)
        case number(JSONValue)
    }

    var kind: Kind
    /// As written.
    var text: String
    /// 1 is the first character.
    var column: Int

    /// Errors: a character that starts no token.
    static func tokens(of text: String) throws(UnitError) -> [JSONPathToken] {
        let scalars = Array(text.unicodeScalars)
        var tokens: [JSONPathToken] = []
        var index = 0
        while index < scalars.count {
            if " \t\r\n".unicodeScalars.contains(scalars[index]) {
                index += 1
                continue
            }
            guard let (kind, end) = token(scalars, at: index) else {
                throw UnitError(
                    "the JSON path \(text) is invalid: '\(scalars[index])' at column \(index + 1)"
                        + " starts nothing",
                    "Names beyond letters, digits and _ stand in [\"…\"]; strings in double quotes."
                )
            }
            tokens.append(
                JSONPathToken(
                    kind: kind,
                    text: String(String.UnicodeScalarView(scalars[index..<end])),
                    column: index + 1
                )
            )
            index = end
        }
        return tokens
    }

    private static let words: Set<String> = ["and", "or", "not", "true", "false", "null"]
    private static let marks = [
        "..", ">=", "<=", "!=", "@", "$", ".", "*", "=", ">", "<", "{", "}", "[", "]", ":", ",",
        "(", ")", "?",
    ]

    private static func token(_ scalars: [Unicode.Scalar], at start: Int) -> (Kind, Int)? {
        if scalars[start] == "\"" { return string(scalars, at: start) }
        if isNameStart(scalars[start]) {
            var end = start + 1
            while end < scalars.count, isNameStart(scalars[end]) || isDigit(scalars[end]) {
                end += 1
            }
            let word = String(String.UnicodeScalarView(scalars[start..<end]))
            return (words.contains(word) ? .mark(word) : .name(word), end)
        }
        if let number = number(scalars, at: start) { return number }
        for mark in marks where scalars[start...].starts(with: mark.unicodeScalars) {
            return (.mark(mark), start + mark.unicodeScalars.count)
        }
        return nil
    }

    private static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar)
    }

    /// The longest JSON number; `01` is two of them.
    private static func number(_ scalars: [Unicode.Scalar], at start: Int) -> (Kind, Int)? {
        var end = start
        func digits(_ from: Int) -> Int {
            var index = from
            while index < scalars.count, isDigit(scalars[index]) { index += 1 }
            return index
        }
        if scalars[end] == "-" { end += 1 }
        guard end < scalars.count, isDigit(scalars[end]) else { return nil }
        end = scalars[end] == "0" ? end + 1 : digits(end)
        if end + 1 < scalars.count, scalars[end] == ".", isDigit(scalars[end + 1]) {
            end = digits(end + 1)
        }
        if end < scalars.count, scalars[end] == "e" || scalars[end] == "E" {
            var exponent = end + 1
            if exponent < scalars.count, scalars[exponent] == "+" || scalars[exponent] == "-" {
                exponent += 1
            }
            if exponent < scalars.count, isDigit(scalars[exponent]) { end = digits(exponent) }
        }
        let text = String(String.UnicodeScalarView(scalars[start..<end]))
        guard let value = try? JSONValue.parse(text) else { return nil }
        return (.number(value), end)
    }

    private static func string(_ scalars: [Unicode.Scalar], at start: Int) -> (Kind, Int)? {
        var end = start + 1
        while end < scalars.count, scalars[end] != "\"" {
            end += scalars[end] == "\\" ? 2 : 1
        }
        guard end < scalars.count else { return nil }
        let text = String(String.UnicodeScalarView(scalars[start...end]))
        guard let value = try? JSONValue.parse(text).stringValue else { return nil }
        return (.string(value), end + 1)
    }
}
