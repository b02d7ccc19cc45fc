/// Turns values into JSON text.
enum JSONWriter {
    static func write(_ value: JSONValue, into bytes: inout [UInt8]) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): write(value, into: &bytes)
        case .number(let value): write(value, into: &bytes)
        case .string(let value): write(value, into: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                write(element, into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in object.members {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                write(member.name, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                write(member.value, into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// `indentation`: levels around the value.
    static func writePretty(_ value: JSONValue, indentation: Int, into bytes: inout [UInt8]) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                breakLine(indentation + 1, into: &bytes)
                writePretty(element, indentation: indentation + 1, into: &bytes)
            }
            breakLine(indentation, into: &bytes)
            bytes.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                breakLine(indentation + 1, into: &bytes)
                write(member.name, into: &bytes)
                bytes += ": ".utf8
                writePretty(member.value, indentation: indentation + 1, into: &bytes)
            }
            breakLine(indentation, into: &bytes)
            bytes.append(UInt8(ascii: "}"))
        default: write(value, into: &bytes)
        }
    }

    private static func breakLine(_ indentation: Int, into bytes: inout [UInt8]) {
        bytes.append(0x0A)
        for _ in 0..<(indentation * 2) { bytes.append(0x20) }
    }

    private static func write(_ value: Int64, into bytes: inout [UInt8]) {
        if value >= 0, value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            bytes += value.description.utf8
        }
    }

    /// Swift's description is the shortest that reads back as the same number, and keeps `5.0`.
    private static func write(_ value: Double, into bytes: inout [UInt8]) {
        bytes += (value.isFinite ? value.description : "null").utf8
    }

    static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.append(0x22)
        let needsEscape = text.utf8.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
        if needsEscape {
            for byte in text.utf8 { writeEscaped(byte, into: &bytes) }
        } else {
            bytes += text.utf8
        }
        bytes.append(0x22)
    }

    private static func writeEscaped(_ byte: UInt8, into bytes: inout [UInt8]) {
        switch byte {
        case 0x22: bytes += "\\\"".utf8
        case 0x5C: bytes += "\\\\".utf8
        case 0x0A: bytes += "\\n".utf8
        case 0x0D: bytes += "\\r".utf8
        case 0x09: bytes += "\\t".utf8
        case 0x08: bytes += "\\b".utf8
        case 0x0C: bytes += "\\f".utf8
        case 0..<0x20: bytes += "\\u00\(JSONScanner.hex(byte))".utf8
        default: bytes.append(byte)
        }
    }
}
