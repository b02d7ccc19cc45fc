extension Timestamp {
    /// `2026-11-20T10:42:45.087402Z`: always UTC, always six decimals, so that texts sort as
    /// instants.
    ///
    /// Years 0 to 9999 are written with four digits as RFC 3339 asks; others have no such text and
    /// are cut to them.
    package var rfc3339: String {
        let bounded = min(max(microseconds, Self.earliest), Self.latest)
        let (day, rest) = Self.floorDivide(bounded, 86_400_000_000)
        let date = CivilDate(daysSinceEpoch: day)
        let seconds = rest / 1_000_000
        var text: [UInt8] = []
        text.reserveCapacity(27)
        Self.append(date.year, 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(date.month, 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(date.day, 2, to: &text)
        text.append(UInt8(ascii: "T"))
        Self.append(seconds / 3600, 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(seconds / 60 % 60, 2, to: &text)
        text.append(UInt8(ascii: ":"))
        Self.append(seconds % 60, 2, to: &text)
        text.append(UInt8(ascii: "."))
        Self.append(rest % 1_000_000, 6, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads RFC 3339 with any offset and up to nine decimals (beyond microseconds they are cut).
    ///
    /// A leap second counts as the first instant of the next minute; anything else out of range is
    /// `nil`.
    package init?(rfc3339 text: String) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
            reader.take("-"), let day = reader.number(2), reader.take("T", "t", " "),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2),
            reader.take(":"), let second = reader.number(2), let fraction = reader.fraction(),
            let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard (1...12).contains(month), date == CivilDate(daysSinceEpoch: date.daysSinceEpoch),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static let earliest: Int64 = -62_167_219_200_000_000
    private static let latest: Int64 = 253_402_300_799_999_999

    fileprivate static func floorDivide(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
        return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
    }

    private static func append(_ value: Int64, _ width: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}

/// A date of the proleptic Gregorian calendar.
private struct CivilDate: Equatable {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date of a day; years are counted from March, so that the leap day is the last.
    ///
    /// Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
    init(daysSinceEpoch days: Int64) {
        let (era, dayOfEra) = Timestamp.floorDivide(days + 719_468, 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = Timestamp.floorDivide(marchYear, 400)
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads fixed-width numbers and single characters.
private struct DigitReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    mutating func number(_ width: Int) -> Int64? {
        guard index + width <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[index..<index + width] {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        index += width
        return value
    }

    mutating func take(_ choices: Unicode.Scalar...) -> Bool {
        guard index < bytes.count, choices.contains(Unicode.Scalar(bytes[index])) else {
            return false
        }
        index += 1
        return true
    }

    /// Microseconds; 0 without a fraction.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while let digit = number(1) {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
        }
        guard (1...9).contains(digits) else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if take("Z", "z") { return 0 }
        let sign: Int64
        if take("+") {
            sign = 1
        } else if take("-") {
            sign = -1
        } else {
            return nil
        }
        guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
