package import JSON

extension JSONValue {
    /// What kind of value it is, for a message: `the string "abc"`, `the number 5`, `an array`.
    package var kindInWords: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer, .number: "the number \(serialized())"
        case .string(let text):
            "the string \"\(text.count > 40 ? text.prefix(40) + "…" : text)\""
        case .array: "an array"
        case .object: "an object"
        }
    }
}
