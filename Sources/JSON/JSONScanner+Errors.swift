extension JSONScanner {
    /// An error at a byte, with its line and column.
    func error(at offset: Int, _ message: String, _ remedy: String) -> JSONError {
        let place = TextPosition(of: offset, in: bytes)
        return JSONError(
            message: message,
            remedy: remedy,
            line: place.line,
            column: place.column,
            offset: offset
        )
    }

    /// What stands at a byte, in words for a message.
    func describe(at offset: Int) -> String {
        guard offset < bytes.count else { return "the end of the text" }
        switch bytes[offset] {
        case 0x22: return "a string"
        case 0x0A, 0x0D: return "the end of the line"
        case 0x09: return "a tab"
        case 0x27: return "a single quote"
        case 0..<0x20, 0x7F: return "the byte 0x\(Self.hex(bytes[offset]))"
        case 0x80...:
            let tail = bytes[offset..<min(offset + 4, bytes.count)]
            var decoder = UTF8()
            var iterator = tail.makeIterator()
            if case .scalarValue(let scalar) = decoder.decode(&iterator) { return "'\(scalar)'" }
            return "the byte 0x\(Self.hex(bytes[offset]))"
        default: return "'\(Unicode.Scalar(bytes[offset]))'"
        }
    }

    /// Nothing that starts a value stands here: says so as helpfully as possible.
    func unexpectedValue() -> JSONError {
        var end = offset
        while end < bytes.count, Self.isWordByte(bytes[end]), end - offset < 16 { end += 1 }
        let word = String(decoding: bytes[offset..<end], as: UTF8.self)
        switch word {
        case "NaN", "Infinity":
            return error(at: offset, "\(word) is not JSON", "Use a number or null.")
        case "True", "False", "TRUE", "FALSE":
            return error(at: offset, "\(word) is not JSON", "Write \(word.lowercased()).")
        case "None", "NULL", "Null", "nil", "undefined":
            return error(at: offset, "\(word) is not JSON", "Write null.")
        default: break
        }
        let found = word.isEmpty ? describe(at: offset) : "'\(word)'"
        return error(at: offset, "expected a value, found \(found)", remedy(at: offset))
    }

    /// What to do about what stands at a byte where it cannot stand.
    func remedy(at offset: Int) -> String {
        guard offset < bytes.count else { return "The text is cut off: add what is missing." }
        switch bytes[offset] {
        case 0x27: return "Strings stand in double quotes."
        case UInt8(ascii: "/"), UInt8(ascii: "#"):
            return "JSON has no comments: keep the text in a member whose name starts with x-."
        case UInt8(ascii: ","): return "Remove the comma."
        case UInt8(ascii: "+"): return "Write the number without +."
        case UInt8(ascii: "."): return "Write a digit before the point."
        case let byte where Self.isWordByte(byte) && !Self.isDigit(byte):
            return "Put text in double quotes."
        default: return ""
        }
    }
}

/// Line and column of a byte.
struct TextPosition {
    var line = 1
    var column = 1

    init(of offset: Int, in bytes: [UInt8]) {
        var lineStart = 0
        let end = min(offset, bytes.count)
        for index in 0..<end where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        self.column = Self.column(of: end, lineStart: lineStart, in: bytes)
    }

    /// Counts characters by their first bytes; continuation bytes are 10xxxxxx.
    static func column(of offset: Int, lineStart: Int, in bytes: [UInt8]) -> Int {
        bytes[lineStart..<offset].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}
