extension JSONScanner {
    /// Reads a number; a digit or minus comes next.
    ///
    /// Without fraction and exponent, and within 64 bits, it is an integer.
    mutating func number() throws(JSONError) -> JSONValue {
        let start = offset
        let isNegative = take(UInt8(ascii: "-"))
        guard let first = next, Self.isDigit(first) else {
            throw numberError(start, isNegative: isNegative)
        }
        // Digits are gathered while they fit; `exponent` places the decimal point.
        var digits = Digits()
        gather(&digits)
        if first == UInt8(ascii: "0"), offset > start + (isNegative ? 2 : 1) {
            throw error(at: start, "a number starts with 0", "Remove the leading zeros.")
        }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            let point = offset
            offset += 1
            let before = offset
            gather(&digits)
            guard offset > before else {
                throw error(at: point, "expected a digit after the point", "Write 1.0 for 1.")
            }
            digits.exponent -= offset - before
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            try exponent(into: &digits)
        }
        if let byte = next, Self.isWordByte(byte) {
            throw error(
                at: offset,
                "a number is followed by \(describe(at: offset))",
                "Put text and values with a unit in quotes."
            )
        }
        if isInteger, !digits.overflowed, let value = digits.signed(isNegative) {
            return .integer(value)
        }
        return .number(try double(digits, start..<offset, isNegative: isNegative))
    }

    /// The digits of a number so far.
    private struct Digits {
        var mantissa: UInt64 = 0
        var overflowed = false
        var exponent = 0

        func signed(_ isNegative: Bool) -> Int64? {
            if isNegative {
                return mantissa <= UInt64(Int64.max) + 1
                    ? Int64(truncatingIfNeeded: 0 &- mantissa)
                    : nil
            }
            return Int64(exactly: mantissa)
        }
    }

    private mutating func gather(_ digits: inout Digits) {
        while offset < bytes.count, Self.isDigit(bytes[offset]) {
            let (product, high) = digits.mantissa.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(
                UInt64(bytes[offset] &- UInt8(ascii: "0"))
            )
            if high || carry { digits.overflowed = true }
            digits.mantissa = sum
            offset += 1
        }
    }

    private mutating func exponent(into digits: inout Digits) throws(JSONError) {
        offset += 1
        var isNegative = false
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
            isNegative = next == UInt8(ascii: "-")
            offset += 1
        }
        let start = offset
        var value = 0
        while let byte = next, Self.isDigit(byte) {
            value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 100_000)
            offset += 1
        }
        guard offset > start else {
            throw error(
                at: offset,
                "expected a digit of the exponent, found \(describe(at: offset))",
                ""
            )
        }
        digits.exponent += isNegative ? -value : value
    }

    /// The nearest `Double`; exact arithmetic where both parts are exact, else the library's
    /// parser.
    private func double(
        _ digits: Digits,
        _ range: Range<Int>,
        isNegative: Bool
    ) throws(JSONError) -> Double {
        if !digits.overflowed, digits.mantissa <= 1 << 53, abs(digits.exponent) <= 22 {
            let power = Self.powersOfTen[abs(digits.exponent)]
            let mantissa = Double(digits.mantissa)
            let value = digits.exponent < 0 ? mantissa / power : mantissa * power
            return isNegative ? -value : value
        }
        let text = String(decoding: bytes[range], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw error(
                at: range.lowerBound,
                "\(text.count > 40 ? "the number" : text) is too large",
                "Numbers go up to 1.79e308."
            )
        }
        return value
    }

    /// 10⁰ to 10²², all exact.
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private func numberError(_ start: Int, isNegative: Bool) -> JSONError {
        var probe = self
        while let byte = probe.next, Self.isWordByte(byte) { probe.offset += 1 }
        let word = String(decoding: bytes[start..<min(probe.offset, start + 12)], as: UTF8.self)
        if word == "-Infinity" || word == "-NaN" {
            return error(at: start, "\(word) is not JSON", "Use a number or null.")
        }
        return error(
            at: offset,
            "expected a digit after '-', found \(describe(at: offset))",
            ""
        )
    }
}
