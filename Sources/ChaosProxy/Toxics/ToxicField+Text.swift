import ChaosModel
import JSON

// Attributes as people write them, with units; as the API has them, numbers without.
extension ToxicField.Unit {
    /// Reads a value with a unit; a bare number is in the attribute's own.
    ///
    /// `nil` when it is neither.
    func json(of text: String) -> JSONValue? {
        switch self {
        case .milliseconds: return whole(text, .milliseconds, per: 1)
        case .microseconds: return whole(text, .milliseconds, per: 0.001)
        case .bytes: return whole(text, .bytes, per: 1)
        case .kilobytesPerSecond: return whole(text, .bytesPerSecond, per: 1_000)
        case .count: return Int64(text).map { .integer($0) }
        case .text: return .string(text)
        case .percent:
            let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
            guard let percent = Double(digits), (0...100).contains(percent) else { return nil }
            return Int64(exactly: percent).map { .integer($0) } ?? .number(percent)
        }
    }

    private func whole(_ text: String, _ unit: Quantity.Unit, per scale: Double) -> JSONValue? {
        if let number = Int64(text) { return .integer(number) }
        guard let quantity = try? Quantity(parsing: text), quantity.unit == unit else { return nil }
        // Dividing may miss a whole number by the last binary digit.
        let value = quantity.value / scale
        guard abs(value - value.rounded()) <= 1e-9 * max(1, abs(value)) else { return nil }
        return Int64(exactly: value.rounded()).map { .integer($0) }
    }

    /// What could be written instead of a text that cannot be read.
    func remedy(_ name: String) -> String {
        switch self {
        case .milliseconds: "Write \(name)=100ms, or a whole number of milliseconds."
        case .microseconds: "Write \(name)=500us, or a whole number of microseconds."
        case .bytes: "Write \(name)=64KiB, or a whole number of bytes."
        case .kilobytesPerSecond:
            "Write \(name)=100kB/s, or a whole number of kB/s (1 kB: 1000 bytes)."
        case .count: "Write a whole number."
        case .percent: "Write \(name)=10%, or a number from 0 to 100."
        case .text: "Write \(name)=TEXT without a comma."
        }
    }

    /// A value of the API with its unit; `nil` when it is no number.
    func text(of value: JSONValue) -> String? {
        if self == .text { return value.stringValue }
        guard let number = value.doubleValue else { return nil }
        switch self {
        case .milliseconds: return Quantity.text(number, .milliseconds)
        case .microseconds: return Quantity.text(number / 1_000, .milliseconds)
        case .bytes: return Quantity.text(number, .bytes)
        case .kilobytesPerSecond: return Quantity.text(number * 1_000, .bytesPerSecond)
        case .count: return Quantity.digits(number)
        case .percent: return Quantity.digits(number) + "%"
        case .text: return nil
        }
    }
}
