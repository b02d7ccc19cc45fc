package import JSON

/// What Python does with JSON values, where the meaning of a Chaos Toolkit experiment hangs on it.
package enum PythonRules {
    /// `left == right`: `1 == true == 1.0`, objects without regard to order.
    package static func equal(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if let left = number(left), let right = number(right) { return left == right }
        switch (left, right) {
        case (.null, .null): return true
        case (.string(let left), .string(let right)):
            // Python compares code points; Swift's == would take é and e + accent for the same.
            return left.unicodeScalars.elementsEqual(right.unicodeScalars)
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy(equal)
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            return left.members.allSatisfy { member in
                right[member.name].map { equal(member.value, $0) } ?? false
            }
        default: return false
        }
    }

    /// `left <= right`; `nil` where Python raises a TypeError.
    package static func isAtMost(_ left: JSONValue, _ right: JSONValue) -> Bool? {
        if let left = number(left), let right = number(right) { return left <= right }
        switch (left, right) {
        case (.string(let left), .string(let right)):
            return !right.unicodeScalars.lexicographicallyPrecedes(left.unicodeScalars)
        case (.array(let left), .array(let right)):
            for (first, second) in zip(left, right) where !equal(first, second) {
                return isAtMost(first, second)
            }
            return left.count <= right.count
        default: return nil
        }
    }

    /// `bool(value)`.
    package static func isTruthy(_ value: JSONValue) -> Bool {
        switch value {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.isEmpty
        }
    }

    /// The value as a number: booleans are 0 and 1.
    static func number(_ value: JSONValue) -> Double? {
        if case .bool(let flag) = value { return flag ? 1 : 0 }
        return value.doubleValue
    }

    /// `str(value)`: `True`, `None`, `1.0`, `[1, 'a']`, `{'k': 'v'}`.
    package static func text(_ value: JSONValue) -> String {
        if case .string(let text) = value { return text }
        return representation(value)
    }

    private static func representation(_ value: JSONValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .integer(let value): "\(value)"
        case .number(let value): value.description
        case .string(let text): quoted(text)
        case .array(let elements):
            "[" + elements.map(representation).joined(separator: ", ") + "]"
        case .object(let object):
            "{"
                + object.members.map { quoted($0.name) + ": " + representation($0.value) }
                .joined(separator: ", ") + "}"
        }
    }

    /// `repr` of a string: single quotes unless only double ones avoid an escape.
    private static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case quote: result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.utf8.count == 1 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + String(quote)
    }
}
