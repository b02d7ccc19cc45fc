extension JSONScanner {
    /// Reads a string; the opening quote comes next.
    mutating func string() throws(JSONError) -> String {
        let start = offset + 1
        var index = start
        var seen: UInt8 = 0
        let count = bytes.count
        while index < count {
            let byte = bytes[index]
            if byte == 0x22 {
                offset = index + 1
                return try text(start..<index, isASCII: seen < 0x80)
            }
            if byte == 0x5C || byte < 0x20 { break }
            seen |= byte
            index += 1
        }
        var result = try text(start..<index, isASCII: seen < 0x80)
        offset = index
        try rest(of: &result, start: start)
        return result
    }

    /// Reads a string that has escapes, from the first of them to the closing quote.
    private mutating func rest(of result: inout String, start: Int) throws(JSONError) {
        while let byte = next {
            switch byte {
            case 0x22:
                offset += 1
                return
            case 0x5C:
                try escape(into: &result)
            case 0..<0x20:
                let isLineEnd = byte == 0x0A || byte == 0x0D
                throw error(
                    at: offset,
                    isLineEnd
                        ? "a string is still open at the end of the line"
                        : "a string holds \(describe(at: offset))",
                    isLineEnd
                        ? "Close the string on its line, or write the line break as \\n."
                        : "Write it as \\u00\(Self.hex(byte))."
                )
            default:
                let from = offset
                while let byte = next, byte != 0x22, byte != 0x5C, byte >= 0x20 { offset += 1 }
                result += try text(from..<offset, isASCII: false)
            }
        }
        throw error(at: start - 1, "a string that starts here is never closed", "Add a \".")
    }

    private func text(_ range: Range<Int>, isASCII: Bool) throws(JSONError) -> String {
        if isASCII { return String(decoding: bytes[range], as: UTF8.self) }
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw error(
                at: invalidOffset(in: range),
                "a string holds bytes that are not UTF-8",
                "Save the text as UTF-8."
            )
        }
        return text
    }

    /// The first byte of a range that does not belong to a whole UTF-8 sequence.
    private func invalidOffset(in range: Range<Int>) -> Int {
        var decoder = UTF8()
        var iterator = bytes[range].makeIterator()
        var index = range.lowerBound
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            index += UTF8.width(scalar)
        }
        return index
    }

    private mutating func escape(into result: inout String) throws(JSONError) {
        let start = offset
        offset += 1
        guard let kind = next else {
            throw error(at: start, "the text ends within an escape", "")
        }
        offset += 1
        switch kind {
        case UInt8(ascii: "\""): result.append("\"")
        case UInt8(ascii: "\\"): result.append("\\")
        case UInt8(ascii: "/"): result.append("/")
        case UInt8(ascii: "b"): result.append("\u{08}")
        case UInt8(ascii: "f"): result.append("\u{0C}")
        case UInt8(ascii: "n"): result.append("\n")
        case UInt8(ascii: "r"): result.append("\r")
        case UInt8(ascii: "t"): result.append("\t")
        case UInt8(ascii: "u"): result.unicodeScalars.append(try unicodeEscape(start))
        default:
            throw error(
                at: start,
                "\\ is followed by \(describe(at: start + 1)), which is no escape",
                "Write a backslash as \\\\."
            )
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private mutating func unicodeEscape(_ start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try hexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        if first < 0xDC00, next == 0x5C, offset + 1 < bytes.count,
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let second = try hexDigits()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(
                    0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
                )
            {
                return scalar
            }
        }
        throw error(
            at: start,
            "half of a surrogate pair stands alone",
            "Write both halves, or the character itself."
        )
    }

    private mutating func hexDigits() throws(JSONError) -> UInt32 {
        var result: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Self.hexDigit(byte) else {
                throw error(
                    at: offset,
                    "expected a hexadecimal digit, found \(describe(at: offset))",
                    "Write four of them after \\u."
                )
            }
            result = result << 4 | digit
            offset += 1
        }
        return result
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    static func hex(_ byte: UInt8) -> String {
        let text = String(byte, radix: 16, uppercase: true)
        return text.utf8.count == 1 ? "0" + text : text
    }
}
