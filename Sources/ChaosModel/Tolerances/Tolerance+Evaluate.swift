package import JSON

// Rounding lives in libm, which only this import links.
import func Glibc.round

/// Whether a value passed its test.
package enum ToleranceOutcome: Sendable, Hashable {
    case met
    case unmet
    /// The value cannot be judged by this tolerance: it is of the wrong kind or unit. Counts as
    /// *failed*, never as met.
    case invalid(reason: String)
}

extension Tolerance {
    /// Judges a probe's output; `unit` is the output's unit as the plugin declares it (`ms`,
    /// `ratio`, `/s`, or empty).
    ///
    /// Where the Chaos Toolkit crashes on a value, the outcome is `invalid`. A tolerance that is
    /// itself a probe must be run by the caller.
    package func evaluate(_ value: JSONValue, unit: String) -> ToleranceOutcome {
        switch self {
        case .equal(let expected): Self.equal(value, expected)
        case .oneOf(let choices): Self.isOne(value, of: choices)
        case .regex(let pattern, let target): Self.matches(value, pattern, target)
        case .jsonPath(let path, let target, let expect, let count):
            Self.leads(value, path, target, expect, count)
        case .range(let low, let high, let target): Self.isWithin(value, low, high, target)
        case .probe: .invalid(reason: "the tolerance is a probe, which has to be run")
        case .bounds(let atLeast, let atMost): Self.isBound(value, unit, atLeast, atMost)
        }
    }

    /// Integers look at the `status` of an object, as the Chaos Toolkit does, and booleans at its
    /// `holds`, as an invariant's reader means it; strings look at neither.
    private static func equal(_ value: JSONValue, _ expected: JSONValue) -> ToleranceOutcome {
        if case .integer = expected, let status = value["status"] {
            return outcome(PythonRules.equal(status, expected))
        }
        if case .bool = expected, let holds = value["holds"], holds.boolValue != nil {
            return outcome(PythonRules.equal(holds, expected))
        }
        return outcome(PythonRules.equal(value, expected))
    }

    private static func isOne(_ value: JSONValue, of choices: [JSONValue]) -> ToleranceOutcome {
        if let status = value["status"] {
            return outcome(choices.contains { PythonRules.equal(status, $0) })
        }
        guard choices.count == 2 else {
            return outcome(choices.contains { PythonRules.equal(value, $0) })
        }
        guard let isAbove = PythonRules.isAtMost(choices[0], value) else {
            return .invalid(reason: "\(value.kindInWords) has no order with \(shown(choices[0]))")
        }
        guard isAbove else { return .unmet }
        guard let isBelow = PythonRules.isAtMost(value, choices[1]) else {
            return .invalid(reason: "\(value.kindInWords) has no order with \(shown(choices[1]))")
        }
        return outcome(isBelow)
    }

    private static func matches(
        _ value: JSONValue,
        _ pattern: String,
        _ target: String?
    ) -> ToleranceOutcome {
        guard let value = aim(value, target) else { return notAnObject(value, target) }
        guard let text = value.stringValue else {
            return .invalid(reason: "\(value.kindInWords) is no text for a pattern")
        }
        do throws(UnitError) {
            return outcome(try PythonRegex(pattern).isFound(in: text))
        } catch {
            return .invalid(reason: error.message)
        }
    }

    private static func leads(
        _ value: JSONValue,
        _ path: String,
        _ target: String?,
        _ expect: JSONValue?,
        _ count: JSONValue?
    ) -> ToleranceOutcome {
        guard var value = aim(value, target) else { return notAnObject(value, target) }
        if let text = value.stringValue, let decoded = try? JSONValue.parse(text) {
            value = decoded
        }
        let found: [JSONValue]
        do throws(UnitError) {
            found = try JSONPath(path).values(in: value)
        } catch {
            return .invalid(reason: error.message)
        }
        if let expect {
            let expected = expect.arrayValue ?? [expect]
            return outcome(PythonRules.equal(.array(found), .array(expected)))
        }
        if let count, !count.isNull {
            return outcome(PythonRules.equal(.integer(Int64(found.count)), count))
        }
        return outcome(!found.isEmpty)
    }

    private static func isWithin(
        _ value: JSONValue,
        _ low: JSONValue,
        _ high: JSONValue,
        _ target: String?
    ) -> ToleranceOutcome {
        guard let value = aim(value, target) else { return notAnObject(value, target) }
        guard let low = PythonRules.number(low), let high = PythonRules.number(high) else {
            return .invalid(reason: "the range is not made of numbers")
        }
        if let number = PythonRules.number(value) {
            return outcome(low <= number && number <= high)
        }
        guard let text = value.stringValue else {
            return .invalid(reason: "\(value.kindInWords) is not a number")
        }
        guard let number = decimal(text) else { return .unmet }
        guard !number.isNaN else { return .invalid(reason: "\"\(text)\" is not a number") }
        return outcome(low <= number && number <= high)
    }

    /// A decimal text as Python's `Decimal` reads it: white space around it does not matter.
    private static func decimal(_ text: String) -> Double? {
        var trimmed = Substring(text)
        while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
        trimmed = trimmed.drop(while: \.isWhitespace)
        guard !trimmed.isEmpty, !trimmed.lowercased().contains("x") else { return nil }
        return Double(trimmed.filter { $0 != "_" })
    }

    private static func isBound(
        _ value: JSONValue,
        _ unit: String,
        _ atLeast: Quantity?,
        _ atMost: Quantity?
    ) -> ToleranceOutcome {
        guard let number = value.doubleValue, !number.isNaN else {
            return .invalid(reason: "\(value.kindInWords) is not a number")
        }
        for bound in [atLeast, atMost].compactMap(\.self)
        where bound.unit != .none && bound.unit.rawValue != unit {
            let words = unit.isEmpty ? "no unit" : "the unit \(unit)"
            return .invalid(reason: "\(bound.text) cannot be compared: the probe has \(words)")
        }
        if let atLeast, number < atLeast.value { return .unmet }
        if let atMost, number > atMost.value { return .unmet }
        return .met
    }

    /// The member that `target` names, or the whole value when it is missing.
    ///
    /// `nil` when the value is no object.
    private static func aim(_ value: JSONValue, _ target: String?) -> JSONValue? {
        guard let target, !target.isEmpty else { return value }
        guard let object = value.objectValue else { return nil }
        return object[target] ?? value
    }

    private static func notAnObject(_ value: JSONValue, _ target: String?) -> ToleranceOutcome {
        .invalid(reason: "\(value.kindInWords) is no object with \"\(target ?? "")\"")
    }

    private static func outcome(_ isMet: Bool) -> ToleranceOutcome { isMet ? .met : .unmet }

    private static func shown(_ value: JSONValue) -> String { value.serialized() }
}
