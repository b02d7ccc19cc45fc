// Rounding lives in libm, which only this import links.
import func Glibc.round

/// A number with its unit as the author wrote it.
package struct Quantity: Sendable, Hashable {
    package enum Unit: String, Sendable, CaseIterable {
        case none = ""
        /// Canonical for durations.
        case milliseconds = "ms"
        /// Canonical for shares: 0…1; written `99%`.
        case ratio
        /// Canonical for rates of events.
        case perSecond = "/s"
        case bytes = "B"
        case bytesPerSecond = "B/s"
    }
    /// In the canonical unit.
    package var value: Double
    package var unit: Unit
    /// As written in the file.
    package var text: String

    package init(value: Double, unit: Unit, text: String) {
        self.value = value
        self.unit = unit
        self.text = text
    }

    /// A quantity written the way this room writes it: `200ms`, `99%`, `150/s`, `64KiB`.
    package init(value: Double, unit: Unit) {
        self.init(value: value, unit: unit, text: Self.text(value, unit))
    }

    /// Reads `200ms`, `99%`, `150/s`, `10MB/s`, `64KiB`, or a bare number.
    ///
    /// Errors: no number, or an unknown unit.
    package init(parsing text: String) throws(UnitError) {
        guard let part = NumberWithSuffix(Substring(text)) else {
            throw UnitError("\"\(text)\" is not a number with a unit", Self.unitRemedy)
        }
        guard let (unit, scale) = Self.units[String(part.suffix)] else {
            // Sums such as 1m30s are read here too.
            if let duration = try? Duration(parsing: text) {
                self.init(value: duration.milliseconds, unit: .milliseconds, text: text)
                return
            }
            throw UnitError(
                "\"\(text)\" has the unknown unit \"\(part.suffix)\"",
                Self.unitRemedy
            )
        }
        // Dividing by 100 is exact where multiplying by 0.01 is not.
        let value = scale < 1 ? part.number / (1 / scale).rounded() : part.number * scale
        self.init(value: value, unit: unit, text: text)
    }

    private static let unitRemedy = "Use a unit such as ms, s, m, %, /s, KiB, MB or MB/s."

    private static let units: [String: (Unit, Double)] = {
        var units: [String: (Unit, Double)] = [
            "": (.none, 1), "%": (.ratio, 0.01),
            "ns": (.milliseconds, 1e-6), "us": (.milliseconds, 1e-3), "µs": (.milliseconds, 1e-3),
            "ms": (.milliseconds, 1), "s": (.milliseconds, 1e3), "m": (.milliseconds, 60e3),
            "min": (.milliseconds, 60e3), "h": (.milliseconds, 3_600e3),
            "d": (.milliseconds, 86_400e3),
            "/s": (.perSecond, 1), "/min": (.perSecond, 1.0 / 60), "/h": (.perSecond, 1.0 / 3600),
        ]
        let multiples: [(String, Double)] = [
            ("", 1), ("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9),
            ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824),
        ]
        for (prefix, scale) in multiples {
            units[prefix + "B"] = (.bytes, scale)
            units[prefix + "B/s"] = (.bytesPerSecond, scale)
            units[prefix + "bit/s"] = (.bytesPerSecond, scale / 8)
        }
        return units
    }()
}

extension Quantity {
    /// The text of a value in a canonical unit.
    package static func text(_ value: Double, _ unit: Unit) -> String {
        switch unit {
        case .none: digits(value)
        case .milliseconds:
            value >= 0 && value < 1e12
                ? Duration.nanoseconds(Int64((value * 1e6).rounded())).text
                : digits(value) + "ms"
        case .ratio: digits(value * 100) + "%"
        case .perSecond: digits(value) + "/s"
        case .bytes: bytes(value)
        case .bytesPerSecond: bytes(value) + "/s"
        }
    }

    private static func bytes(_ value: Double) -> String {
        for (unit, scale) in [
            ("GB", 1e9), ("GiB", 1_073_741_824), ("MB", 1e6), ("MiB", 1_048_576),
            ("KiB", 1024), ("kB", 1e3),
        ] where value >= scale && (value / scale).truncatingRemainder(dividingBy: 1) == 0 {
            return digits(value / scale) + unit
        }
        return digits(value) + "B"
    }

    /// A number with at most six decimals and no useless zeros: `0.99`, `12`, `1.5`.
    package static func digits(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let scaled = (abs(value) * 1e6).rounded()
        guard scaled < 9e18 else { return "\(value)" }
        let units = Int64(scaled)
        var text = String(units / 1_000_000)
        if units % 1_000_000 != 0 {
            var fraction = String(units % 1_000_000)
            fraction = String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
            while fraction.last == "0" { fraction.removeLast() }
            text += "." + fraction
        }
        return value < 0 && units != 0 ? "-" + text : text
    }
}
