// Rounding lives in libm, which only this import links.
import func Glibc.round

extension Duration {
    /// Reads `100ms`, `1.5s`, `2m`, `1h`, `250us`, and sums of them such as `1m30s`.
    ///
    /// Range: 0 to 1000 days, to the nanosecond. Errors: no number, no unit or an unknown one, out
    /// of range.
    package init(parsing text: String) throws(UnitError) {
        var rest = Substring(text)
        var nanoseconds = 0.0
        repeat {
            guard let part = NumberWithSuffix(rest) else {
                throw UnitError("\"\(text)\" is not a duration", Self.unitRemedy)
            }
            let unit = part.suffix.prefix { !$0.isWholeNumber && $0 != " " }
            guard !unit.isEmpty else {
                throw UnitError("\"\(text)\" has no unit", Self.unitRemedy)
            }
            guard let scale = Self.units[String(unit)] else {
                throw UnitError("\"\(text)\" has the unknown unit \"\(unit)\"", Self.unitRemedy)
            }
            guard part.number >= 0 else {
                throw UnitError("\(text) is below 0", "Use a duration of 0 or more.")
            }
            nanoseconds += part.number * scale
            rest = part.suffix[unit.endIndex...].drop { $0 == " " }
        } while !rest.isEmpty
        guard nanoseconds <= Self.nanosecondsMaximum else {
            throw UnitError("\(text) is more than 1000 days", "Use a shorter duration.")
        }
        self = .nanoseconds(Int64(nanoseconds.rounded()))
    }

    private static let nanosecondsMaximum = 1000 * 86_400e9
    private static let unitRemedy = "Write a number with ms, s, m or h, such as 200ms or 1.5s."
    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "sec": 1e9, "m": 60e9,
        "min": 60e9, "h": 3600e9, "d": 86_400e9,
    ]

    /// The duration as its author would write it: `250us`, `100ms`, `1.5s`, `90s`, `2m`, `1h`.
    ///
    /// Reads back as the same duration when that has no fraction of a nanosecond.
    package var text: String {
        let (seconds, attoseconds) = components
        if attoseconds == 0 {
            if seconds != 0, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
            if seconds != 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
            return "\(seconds)s"
        }
        let nanoseconds = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
        return switch abs(nanoseconds) {
        case ..<1e3: Quantity.digits(nanoseconds) + "ns"
        case ..<1e6: Quantity.digits(nanoseconds / 1e3) + "us"
        case ..<1e9: Quantity.digits(nanoseconds / 1e6) + "ms"
        default: Quantity.digits(nanoseconds / 1e9) + "s"
        }
    }

    /// The whole duration in milliseconds.
    package var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
    }

    /// The whole duration in seconds.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
