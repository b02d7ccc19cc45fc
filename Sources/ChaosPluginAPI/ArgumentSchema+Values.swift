package import ChaosModel
package import JSON

extension ArgumentSchema {
    /// Checks a value and brings it into the form that plugins read.
    ///
    /// Durations become milliseconds, ratios 0…1, rates per second (events or bytes), sizes bytes —
    /// all as numbers; others stay as they are. Errors: the wrong type, an unknown unit, out of
    /// range, not one of the choices.
    package func canonical(_ value: JSONValue) throws(UnitError) -> JSONValue {
        let result = try typed(value)
        if !choices.isEmpty { try checkChoice(result) }
        try checkRange(result, of: value)
        return result
    }

    /// How a canonical value is shown to people: `200ms`, `99%`, `10MB/s`.
    package func text(_ canonical: JSONValue) -> String {
        if let number = canonical.doubleValue {
            switch type {
            case .duration: return Quantity.text(number, .milliseconds)
            case .ratio: return Quantity.text(number, .ratio)
            case .rate: return Quantity.text(number, .perSecond)
            case .bytes: return Quantity.text(number, .bytes)
            default: break
            }
        }
        if let texts = canonical.arrayValue?.map(\.stringValue), !texts.contains(nil) {
            return texts.compactMap(\.self).joined(separator: " + ")
        }
        return canonical.stringValue ?? canonical.serialized()
    }

    private func typed(_ value: JSONValue) throws(UnitError) -> JSONValue {
        switch (type, value) {
        case (.any, _), (.string, .string), (.boolean, .bool), (.integer, .integer),
            (.number, .integer), (.number, .number), (.array, .array), (.object, .object):
            return value
        case (.integer, .number(let number)):
            guard let integer = Int64(exactly: number) else { throw mismatch(value) }
            return .integer(integer)
        case (.duration, .string(let text)):
            return .number(try quantity(text, [.milliseconds]).value)
        case (.duration, .integer), (.duration, .number):
            guard value.doubleValue == 0 else {
                let number = value.serialized()
                throw UnitError(
                    "\(number) has no unit",
                    "Write \"\(number)ms\" or \"\(number)s\"."
                )
            }
            return .number(0)
        case (.ratio, .string(let text)):
            return .number(try quantity(text, [.ratio, .none]).value)
        case (.rate, .string(let text)):
            return .number(try quantity(text, [.perSecond, .bytesPerSecond]).value)
        case (.bytes, .string(let text)):
            return .number(try quantity(text, [.bytes]).value)
        case (.ratio, _), (.rate, _), (.bytes, _):
            guard let number = value.doubleValue else { throw mismatch(value) }
            return .number(number)
        default: throw mismatch(value)
        }
    }

    private func quantity(_ text: String, _ units: [Quantity.Unit]) throws(UnitError) -> Quantity {
        let quantity = try Quantity(parsing: text)
        guard units.contains(quantity.unit) || quantity.value == 0 && quantity.unit == .none else {
            if quantity.unit == .none { throw UnitError("\"\(text)\" has no unit", example) }
            throw UnitError("\"\(text)\" is not \(words)", example)
        }
        return quantity
    }

    private func mismatch(_ value: JSONValue) -> UnitError {
        UnitError("\(value.kindInWords) is not \(words)", example)
    }

    private var words: String {
        switch type {
        case .string: "a string"
        case .boolean: "a boolean"
        case .integer: "a whole number"
        case .number: "a number"
        case .duration: "a duration"
        case .ratio: "a share"
        case .rate: "a rate"
        case .bytes: "a size"
        case .array: "an array"
        case .object: "an object"
        case .any: "a value"
        }
    }

    private var example: String {
        switch type {
        case .string: choices.isEmpty ? "Put it in quotes." : choicesRemedy
        case .boolean: "Write true or false."
        case .integer: "Write a number without a fraction."
        case .number: "Write a number."
        case .duration: "Write a number with ms, s, m or h, such as \"200ms\"."
        case .ratio: "Write a percentage such as \"99%\", or a number from 0 to 1."
        case .rate: "Write a rate such as \"150/s\" or \"10MB/s\"."
        case .bytes: "Write a size such as \"64KiB\"."
        case .array: "Put it in square brackets."
        case .object: "Write an object."
        case .any: ""
        }
    }

    private var choicesRemedy: String { "Use \(choices.joined(separator: ", "))." }

    private func checkChoice(_ value: JSONValue) throws(UnitError) {
        guard let text = value.stringValue else { return }
        guard choices.contains(text) else {
            throw UnitError(
                "\"\(text)\" is not a choice for \(name)",
                Spelling.advice(for: text, among: choices, kind: "choices")
            )
        }
    }

    private func checkRange(_ canonical: JSONValue, of value: JSONValue) throws(UnitError) {
        guard let number = canonical.doubleValue else { return }
        let shown = value.stringValue ?? value.serialized()
        let (low, high) = bounds
        if let low, number < low.value {
            throw UnitError("\(shown) is below \(low.text)", rangeRemedy)
        }
        if let high, number > high.value {
            throw UnitError("\(shown) is above \(high.text)", rangeRemedy)
        }
    }

    private var rangeRemedy: String {
        switch bounds {
        case (let low?, let high?): "Use \(name) from \(low.text) to \(high.text)."
        case (let low?, nil): "Use \(name) of \(low.text) or more."
        case (nil, let high?): "Use \(name) of \(high.text) or less."
        case (nil, nil): ""
        }
    }

    /// The declared range; shares have 0 to 1 and durations, rates and sizes 0 when nothing is
    /// declared.
    private var bounds: (low: Bound?, high: Bound?) {
        let naturalLow: JSONValue? =
            switch type {
            case .duration, .ratio, .rate, .bytes: .number(0)
            default: nil
            }
        let naturalHigh: JSONValue? = type == .ratio ? .number(1) : nil
        return (bound(minimum) ?? bound(naturalLow), bound(maximum) ?? bound(naturalHigh))
    }

    private struct Bound {
        var value: Double
        var text: String
    }

    private func bound(_ declared: JSONValue?) -> Bound? {
        guard let declared, let canonical = try? typed(declared), let value = canonical.doubleValue
        else { return nil }
        return Bound(value: value, text: declared.stringValue ?? text(canonical))
    }
}
