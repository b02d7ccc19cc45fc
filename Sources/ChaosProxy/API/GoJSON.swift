import JSON

/// A JSON value as Go's `encoding/json` decodes it; numbers keep their text.
enum GoValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([GoValue])
    case object([Member])

    /// A name with its value, in document order; names may repeat.
    struct Member: Sendable, Equatable {
        let name: String
        let value: GoValue
    }

    /// Reads the first value of a request's body; what follows it is ignored.
    ///
    /// - Throws: `ControlError` 400 with the text of Go's decoder, to the letter.
    init(firstIn bytes: [UInt8]) throws(ControlError) {
        var reader = GoJSONReader(bytes)
        do throws(GoJSONError) {
            self = try reader.read()
        } catch {
            throw .badBody(error.text)
        }
    }

    /// A value that was read already.
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let flag): self = .bool(flag)
        case .integer, .number: self = .number(value.serialized())
        case .string(let text): self = .string(text)
        case .array(let elements): self = .array(elements.map { GoValue($0) })
        case .object(let object):
            self = .object(object.members.map { Member(name: $0.name, value: GoValue($0.value)) })
        }
    }

    /// The kind of value as Go's messages call it.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// Why bytes are no JSON, in Go's words.
struct GoJSONError: Error, Equatable {
    let text: String

    /// The bytes end before the value begins.
    static let nothing = GoJSONError(text: "EOF")
    /// The bytes end within the value.
    static let cut = GoJSONError(text: "unexpected EOF")
    static let deep = GoJSONError(text: "exceeded max depth")

    static func unexpected(_ byte: UInt8, _ context: String) -> GoJSONError {
        GoJSONError(text: "invalid character \(quoted(byte)) \(context)")
    }

    /// A byte as Go's `strconv` quotes the character of that number.
    private static func quoted(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): return #"'\''"#
        case UInt8(ascii: "\\"): return #"'\\'"#
        case 0x07: return #"'\a'"#
        case 0x08: return #"'\b'"#
        case 0x09: return #"'\t'"#
        case 0x0A: return #"'\n'"#
        case 0x0B: return #"'\v'"#
        case 0x0C: return #"'\f'"#
        case 0x0D: return #"'\r'"#
        case 0..<0x20, 0x7F: return "'\\x\(hexadecimal(byte))'"
        case 0x80...0xA0, 0xAD: return "'\\u00\(hexadecimal(byte))'"
        default: return "'\(Character(Unicode.Scalar(byte)))'"
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
