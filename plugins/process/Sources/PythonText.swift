import JSON

/// Values as Python's `str()` writes them, which is how the Chaos Toolkit turns arguments into
/// words.
enum PythonText {
    /// `str(value)`: strings as they are, everything else as `repr`.
    static func str(_ value: JSONValue) -> String {
        if case .string(let text) = value { text } else { repr(value) }
    }

    private static func repr(_ value: JSONValue) -> String {
        switch value {
        case .null: return "None"
        case .bool(let value): return value ? "True" : "False"
        case .integer(let value): return String(value)
        case .number(let value): return value.description
        case .string(let text): return quoted(text)
        case .array(let elements):
            return "[" + elements.map(repr).joined(separator: ", ") + "]"
        case .object(let object):
            let members = object.members.map { "\(quoted($0.name)): \(repr($0.value))" }
            return "{" + members.joined(separator: ", ") + "}"
        }
    }

    /// Single quotes, double ones when the text has single quotes only.
    private static func quoted(_ text: String) -> String {
        let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for character in text.unicodeScalars {
            switch character {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\\": result += "\\\\"
            default:
                if Character(character) == quote { result += "\\" }
                result.unicodeScalars.append(character)
            }
        }
        return result + String(quote)
    }
}
