// For libm, which `rounded()` calls.
internal import Glibc
internal import JSON

/// Appends the members of one JSON object to a buffer, without a tree in between.
struct LineWriter {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    init() {
        bytes.reserveCapacity(320)
        bytes.append(UInt8(ascii: "{"))
    }

    /// Closes the object and the line; the writer is of no use afterwards.
    mutating func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    mutating func string(_ name: String, _ value: String) {
        begin(name)
        quote(value)
    }

    mutating func integer(_ name: String, _ value: Int) {
        begin(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func bool(_ name: String, _ value: Bool) {
        begin(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Writes the shortest text that reads back as the same number.
    ///
    /// What is not finite becomes `null`.
    mutating func number(_ name: String, _ value: Double) {
        begin(name)
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    /// Writes seconds with six decimals; beyond ± 285,000 years they are cut off.
    mutating func seconds(_ name: String, _ value: Double) {
        begin(name)
        let limit = 9.0e18
        let scaled = (value * 1e6).rounded()
        let whole = Int64(scaled.isNaN ? 0 : Swift.max(-limit, Swift.min(limit, scaled)))
        if whole < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = whole.magnitude
        bytes.append(contentsOf: String(magnitude / 1_000_000).utf8)
        bytes.append(UInt8(ascii: "."))
        var unit: UInt64 = 100_000
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(magnitude / unit % 10))
            unit /= 10
        }
    }

    mutating func value(_ name: String, _ value: JSONValue) {
        begin(name)
        value.write(into: &bytes)
    }

    mutating func strings(_ name: String, _ values: [String]) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            quote(value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func string(_ name: String, _ value: String?) {
        if let value { string(name, value) }
    }

    mutating func integer(_ name: String, _ value: Int?) {
        if let value { integer(name, value) }
    }

    mutating func bool(_ name: String, _ value: Bool?) {
        if let value { bool(name, value) }
    }

    mutating func number(_ name: String, _ value: Double?) {
        if let value { number(name, value) }
    }

    private mutating func begin(_ name: String) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.contains(where: Self.needsEscape) {
            for byte in text.utf8 { escape(byte) }
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        default:
            bytes.append(byte)
        }
    }
}
