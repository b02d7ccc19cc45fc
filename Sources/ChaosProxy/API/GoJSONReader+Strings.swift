extension GoJSONReader {
    /// Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD, as in Go.
    mutating func string() throws(GoJSONError) -> String {
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
