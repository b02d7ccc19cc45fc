import ChaosVerdict

/// Numbers for a narrow place: three digits that matter, and a unit; pure.
enum FigureText {
    /// `0 B`, `950 B`, `1.2 kB`, `34 MB`; 1 kB is 1000 bytes.
    static func bytes(_ count: Double) -> String { NumberText.bytes(count) }

    /// `0`, `950`, `1.2k`, `34M`.
    static func count(_ count: Double) -> String {
        let text = NumberText.scaled(count, ["", "k", "M", "G", "T"])
        return text.split(separator: " ").joined()
    }

    /// Microseconds as `850 µs`, `3.1 ms`, `120 ms`, `2.5 s`.
    static func latency(microseconds: UInt64) -> String {
        NumberText.scaled(Double(microseconds), ["µs", "ms", "s"])
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
}
