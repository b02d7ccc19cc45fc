/// Reads one JSON value; every mistake is told as Go's scanner tells it.
struct GoJSONReader {
    /// How deep values nest; the API's objects need four levels.
    private static let depthMax = 256

    let bytes: [UInt8]
    var index = 0
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

    func peek() throws(GoJSONError) -> UInt8 {
        guard index < bytes.count else { throw .cut }
        return bytes[index]
    }
}
