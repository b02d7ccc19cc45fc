import JSON

/// JSON under construction: what `JSONValue` holds, and numbers written as Go prints them.
enum AnswerText {
    case value(JSONValue)
    /// Written as it stands.
    case verbatim(String)
    case object([(name: String, text: AnswerText)])
    case array([AnswerText])

    /// A float32 as Go's encoder prints it: the fewest digits that read back.
    static func float(_ value: Float) -> AnswerText {
        .verbatim(GoFloat.text(value))
    }

    func write(into bytes: inout [UInt8]) {
        switch self {
        case .value(let value): value.write(into: &bytes)
        case .verbatim(let text): bytes += text.utf8
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.string(member.name).write(into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.text.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
    }
}

/// Numbers as Go's `encoding/json` prints them.
enum GoFloat {
    /// Without an exponent from 1e-6 up to, but not including, 1e21.
    static func text(_ value: Float) -> String {
        guard value.isFinite else { return "null" }
        guard value != 0 else { return value.sign == .minus ? "-0" : "0" }
        let sign = value < 0 ? "-" : ""
        let (digits, point) = decimal(value.magnitude)
        if value.magnitude < 1e-6 || value.magnitude >= 1e21 {
            let rest = digits.dropFirst()
            let exponent = point - 1
            let mantissa = digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
            let number = exponent < 0 ? "-\(-exponent)" : "+\(exponent)"
            return sign + mantissa + "e" + number
        }
        if point <= 0 {
            return sign + "0." + String(repeating: "0", count: -point) + digits
        }
        if point >= digits.count {
            return sign + digits + String(repeating: "0", count: point - digits.count)
        }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// The shortest digits that read back, and how many of them stand before the point.
    private static func decimal(_ value: Float) -> (digits: String, point: Int) {
        let parts = value.description.split(separator: "e")
        let halves = parts[0].split(separator: ".")
        let whole = halves[0]
        let fraction = halves.count > 1 ? halves[1] : ""
        var digits = String(whole + fraction)
        var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        return (digits, point)
    }
}
