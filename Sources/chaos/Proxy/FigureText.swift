// Rounding lives in libm, which only this import links.
import Glibc

/// Numbers for a narrow place: three digits that matter, and a unit; pure.
enum FigureText {
    /// `0 B`, `950 B`, `1.2 kB`, `34 MB`; 1 kB is 1000 bytes.
    static func bytes(_ count: Double) -> String {
        scaled(count, ["B", "kB", "MB", "GB", "TB"])
    }

    /// `0`, `950`, `1.2k`, `34M`.
    static func count(_ count: Double) -> String {
        let text = scaled(count, ["", "k", "M", "G", "T"])
        return text.split(separator: " ").joined()
    }

    /// Microseconds as `850 µs`, `3.1 ms`, `120 ms`, `2.5 s`.
    static func latency(microseconds: UInt64) -> String {
        scaled(Double(microseconds), ["µs", "ms", "s"])
    }

    /// `45 s`, `12 min`, `3 h`, `2 d`.
    static func age(seconds: Int64) -> String {
        switch seconds {
        case ..<100: "\(max(0, seconds)) s"
        case ..<6_000: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }

    /// A second of a day, UTC, from microseconds since the epoch: `10:42:45`.
    static func clock(wallMicroseconds: Int64) -> String {
        let second = wallMicroseconds / 1_000_000 % 86_400
        return [second / 3_600, second / 60 % 60, second % 60].map { part in
            part < 10 ? "0\(part)" : "\(part)"
        }.joined(separator: ":")
    }

    private static func scaled(_ value: Double, _ units: [String]) -> String {
        guard value.isFinite, value >= 0 else { return "?" }
        var (number, index) = (value, 0)
        // 999.5 would round to a fourth digit.
        while number >= 999.5, index < units.count - 1 {
            number /= 1_000
            index += 1
        }
        let isShort = number >= 9.95 || index == 0
        let tenths = Int((number * 10).rounded())
        let text = isShort ? "\(Int(number.rounded()))" : "\(tenths / 10).\(tenths % 10)"
        return text + " " + units[index]
    }
}
