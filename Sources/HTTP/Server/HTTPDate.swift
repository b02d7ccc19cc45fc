/// The `Date` field, made once a second.
///
/// A server with a clock must send it (RFC 9110 §6.6.1).
struct HTTPDate {
    private var second: Int64 = .min
    private var line: [UInt8] = []

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The whole header line for a time in microseconds since 1970.
    mutating func line(at microseconds: Int64) -> [UInt8] {
        let now = microseconds / 1_000_000
        if now != second {
            second = now
            line = Array("Date: \(Self.text(now))\r\n".utf8)
        }
        return line
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` for seconds since 1970 (0 or more).
    static func text(_ seconds: Int64) -> String {
        let days = Int(seconds / 86_400)
        let rest = Int(seconds % 86_400)
        let (year, month, day) = civil(days)
        let time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return "\(weekdays[days % 7]), \(two(day)) \(months[month - 1]) \(year) \(time) GMT"
    }

    /// The date so many days after 1970-01-01.
    ///
    /// Source: Howard Hinnant, chrono-compatible low-level date algorithms.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func two(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
