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

/// Reads one JSON value; every mistake is told as Go's scanner tells it.
struct GoJSONReader {
    /// How deep values nest; the API's objects need four levels.
    private static let depthMax = 256

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The first value.
    mutating func read() throws(GoJSONError) -> GoValue {
        skipSpace()
        guard index < bytes.count else { throw .nothing }
        return try value()
    }

    private mutating func value() throws(GoJSONError) -> GoValue {
        skipSpace()
        let byte = try peek()
        switch byte {
        case UInt8(ascii: "{"):
            return try nested { reader throws(GoJSONError) in
                try reader.object()
            }
        case UInt8(ascii: "["):
            return try nested { reader throws(GoJSONError) in
                try reader.array()
            }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try number())
        default: throw .unexpected(byte, "looking for beginning of value")
        }
    }

    private mutating func nested(
        _ body: (inout GoJSONReader) throws(GoJSONError) -> GoValue
    ) throws(GoJSONError) -> GoValue {
        guard depth < GoJSONReader.depthMax else { throw .deep }
        depth += 1
        index += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(GoJSONError) -> GoValue {
        var members: [GoValue.Member] = []
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            index += 1
            return .object([])
        }
        while true {
            skipSpace()
            let quote = try peek()
            guard quote == UInt8(ascii: "\"") else {
                throw .unexpected(quote, "looking for beginning of object key string")
            }
            let name = try string()
            skipSpace()
            let colon = try peek()
            guard colon == UInt8(ascii: ":") else { throw .unexpected(colon, "after object key") }
            index += 1
            members.append(GoValue.Member(name: name, value: try value()))
            guard
                try hasMore(end: UInt8(ascii: "}"), context: "after object key:value pair")
            else { return .object(members) }
        }
    }

    private mutating func array() throws(GoJSONError) -> GoValue {
        var elements: [GoValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            index += 1
            return .array([])
        }
        while true {
            elements.append(try value())
            guard try hasMore(end: UInt8(ascii: "]"), context: "after array element") else {
                return .array(elements)
            }
        }
    }

    /// Reads a comma (true) or the end of the object or array (false).
    private mutating func hasMore(end: UInt8, context: String) throws(GoJSONError) -> Bool {
        skipSpace()
        let byte = try peek()
        guard byte == end || byte == UInt8(ascii: ",") else { throw .unexpected(byte, context) }
        index += 1
        return byte != end
    }

    private mutating func literal(
        _ text: StaticString,
        _ value: GoValue
    ) throws(GoJSONError) -> GoValue {
        for wanted in text.description.utf8 {
            let byte = try peek()
            guard byte == wanted else {
                let expected = Character(Unicode.Scalar(wanted))
                throw .unexpected(byte, "in literal \(text) (expecting '\(expected)')")
            }
            index += 1
        }
        return value
    }

    private mutating func number() throws(GoJSONError) -> String {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index += 1 }
        let first = try peek()
        guard isDigit(first) else { throw .unexpected(first, "in numeric literal") }
        index += 1
        if first != UInt8(ascii: "0") { skipDigits() }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            try digits("after decimal point in numeric literal")
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = try peek()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            try digits("in exponent of numeric literal")
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// At least one digit.
    private mutating func digits(_ context: String) throws(GoJSONError) {
        let first = try peek()
        guard isDigit(first) else { throw .unexpected(first, context) }
        skipDigits()
    }

    private mutating func skipDigits() {
        while index < bytes.count, isDigit(bytes[index]) { index += 1 }
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private func peek() throws(GoJSONError) -> UInt8 {
        guard index < bytes.count else { throw .cut }
        return bytes[index]
    }
}

// Strings.
extension GoJSONReader {
    /// Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD, as in Go.
    private mutating func string() throws(GoJSONError) -> String {
        index += 1
        var text: [UInt8] = []
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                index += 1
                try escape(into: &text)
            case 0..<0x20: throw .unexpected(byte, "in string literal")
            default:
                text.append(byte)
                index += 1
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(GoJSONError) {
        let byte = try peek()
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): try text.append(contentsOf: "\(Character(scalar()))".utf8)
        default: throw .unexpected(byte, "in string escape code")
        }
    }

    /// The scalar of `\uXXXX`, or of two of them when they are a surrogate pair.
    private mutating func scalar() throws(GoJSONError) -> Unicode.Scalar {
        let replacement = Unicode.Scalar(0xFFFD as UInt16) ?? " "
        let unit = try codeUnit()
        guard (0xD800...0xDFFF).contains(unit) else {
            return Unicode.Scalar(unit) ?? replacement
        }
        let next = bytes[min(index, bytes.count)...].prefix(2)
        guard unit < 0xDC00, next.elementsEqual("\\u".utf8) else { return replacement }
        let start = index
        index += 2
        let low = try codeUnit()
        guard (0xDC00...0xDFFF).contains(low) else {
            // Not its other half: it stands for itself.
            index = start
            return replacement
        }
        let offset = (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(0x10000 + offset) ?? replacement
    }

    private mutating func codeUnit() throws(GoJSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let byte = try peek()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw .unexpected(byte, "in \\u hexadecimal character escape")
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
