import Glibc

/// The time of day for log lines and spans.
package enum WallClock {
    /// Wall time since 1970, in nanoseconds.
    package static func nanoseconds() -> Int64 { read(CLOCK_REALTIME) }

    /// Nanoseconds since some moment in the past; nobody moves this clock.
    package static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // The pointer lives for the call only.
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Wall time since 1970, in microseconds.
    package static func microseconds() -> Int64 { nanoseconds() / 1000 }

    /// UTC with microseconds: `2026-11-20T13:46:44.000123Z`.
    package static func rfc3339(_ microseconds: Int64) -> String {
        let (days, rest) = floored(microseconds, by: 86_400_000_000)
        let (year, month, day) = civil(daysSince1970: days)
        let second = rest / 1_000_000
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time =
            "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(date)T\(time).\(padded(rest % 1_000_000, 6))Z"
    }

    private static func floored(_ a: Int64, by b: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        return remainder < 0 ? (quotient - 1, remainder + b) : (quotient, remainder)
    }

    /// The proleptic Gregorian date; the algorithm counts eras of 400 years from 0000-03-01.
    private static func civil(daysSince1970 days: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = floored(days + 719_468, by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
