/// Reads the tokens of JSON text: white space, strings, numbers, literals.
///
/// What the tokens mean together is the business of `JSONValueReader` and `JSONNodeReader`.
struct JSONScanner {
    let bytes: [UInt8]
    /// The next byte to read.
    var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next byte, `nil` at the end.
    var next: UInt8? {
        offset < bytes.count ? bytes[offset] : nil
    }

    mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    /// Takes the byte if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    /// Checks what can be said of the text as a whole and skips to its first token.
    mutating func start(limits: JSONLimits) throws(JSONError) {
        guard bytes.count <= limits.bytes else {
            throw error(
                at: 0,
                "the text has \(bytes.count) bytes, more than the bound of \(limits.bytes)",
                "Split it."
            )
        }
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw error(
                at: 0,
                "the text starts with a byte order mark",
                "Save it as UTF-8 without a byte order mark (BOM)."
            )
        }
        if bytes.count >= 2,
            (bytes[0] == 0xFE && bytes[1] == 0xFF)
                || (bytes[0] == 0xFF && bytes[1] == 0xFE)
        {
            throw error(at: 0, "the text is UTF-16, not UTF-8", "Save it as UTF-8.")
        }
        skipWhitespace()
        guard offset < bytes.count else {
            throw error(at: offset, "expected a value, found the end of the text", "")
        }
    }

    /// Checks that nothing follows the value.
    mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard offset == bytes.count else {
            throw error(
                at: offset,
                "expected the end of the text, found \(describe(at: offset))",
                "One text holds one value: remove what follows it."
            )
        }
    }

    /// Reads `true`, `false` or `null`.
    mutating func literal() throws(JSONError) -> JSONValue {
        if matches("true") {
            offset += 4
            return .bool(true)
        }
        if matches("false") {
            offset += 5
            return .bool(false)
        }
        if matches("null") {
            offset += 4
            return .null
        }
        throw unexpectedValue()
    }

    /// Whether the word stands here and no letter or digit follows it.
    private func matches(_ word: StaticString) -> Bool {
        let end = offset + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        var index = offset
        for byte in word.description.utf8 {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return end == bytes.count || !Self.isWordByte(bytes[end])
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: byte >= 0x80
        }
    }
}
