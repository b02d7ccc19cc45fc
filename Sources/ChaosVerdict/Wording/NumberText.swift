package import JSON

// Rounding lives in libm, which only this import links.
import func Glibc.round

/// Numbers as people read them: `1,234`, `12.3 ms`, `99.91%`.
package enum NumberText {
    /// Groups thousands with a comma.
    package static func integer(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return value < 0 ? "-" + grouped : grouped
    }

    /// Rounds to so many decimal places (0 to 6) and groups thousands.
    package static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return value.description }
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let whole = integer(Int(scaled.magnitude) / scale)
        let sign = scaled < 0 ? "-" : ""
        guard places > 0 else { return sign + whole }
        let fraction = String(Int(scaled.magnitude) % scale)
        return sign + whole + "." + String(repeating: "0", count: places - fraction.count)
            + fraction
    }

    /// Milliseconds, from 10 s on as seconds.
    package static func milliseconds(_ value: Double) -> String {
        switch value.magnitude {
        case 0: "0 ms"
        case ..<0.995: decimal(value, places: 2) + " ms"
        case ..<99.95: decimal(value, places: 1) + " ms"
        case ..<9999.5: decimal(value, places: 0) + " ms"
        default: seconds(value / 1000)
        }
    }

    /// Seconds, from two minutes on as minutes and seconds.
    package static func seconds(_ value: Double) -> String {
        if value.magnitude < 0.9995 { return decimal(value * 1000, places: 0) + " ms" }
        if value.magnitude < 119.95 {
            let text = decimal(value, places: 1)
            return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " s"
        }
        let whole = Int(Swift.min(value, 1e12).rounded())
        let rest = whole % 60
        return integer(whole / 60) + " min" + (rest == 0 ? "" : " \(rest) s")
    }

    /// A share of 0…1; what is not all never reads as 100%, what is not nothing never as 0%.
    package static func percent(_ share: Double) -> String {
        var hundredths = Int((Swift.max(-1e9, Swift.min(1e9, share)) * 10_000).rounded())
        if share < 1, hundredths == 10_000 { hundredths = 9_999 }
        if share > 0, hundredths == 0 { return "<0.01%" }
        var text = decimal(Double(hundredths) / 100, places: 2)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text + "%"
    }

    /// A probe's value in the unit of its plugin (`ms`, `ratio`, `/s`, `B`, `B/s` or a word).
    package static func value(_ value: JSONValue, unit: String) -> String {
        guard let number = value.doubleValue else { return text(value) }
        switch unit {
        case "ms": return milliseconds(number)
        case "ratio": return percent(number)
        case "/s": return decimal(number, places: number.magnitude < 100 ? 1 : 0) + "/s"
        case "": return plain(value)
        default: return plain(value) + " " + unit
        }
    }

    /// `0 B`, `950 B`, `1.2 kB`, `34 MB`; 1 kB is 1000 bytes.
    package static func bytes(_ count: Double) -> String {
        scaled(count, ["B", "kB", "MB", "GB", "TB"])
    }

    /// Three digits that matter, in the unit that suits; each unit is a thousand of the one before.
    package static func scaled(_ value: Double, _ units: [String]) -> String {
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

    /// `1 order`, `2 orders`.
    package static func count(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        integer(count) + " " + (count == 1 ? noun : plural ?? noun + "s")
    }

    private static func plain(_ value: JSONValue) -> String {
        switch value {
        case .integer(let number): integer(Int(number))
        case .number(let number) where number == number.rounded() && number.magnitude < 1e12:
            integer(Int(number))
        case .number(let number):
            decimal(number, places: number.magnitude < 1 ? 4 : 2)
        default: text(value)
        }
    }

    private static func text(_ value: JSONValue) -> String {
        let limit = 80
        switch value {
        case .null: return "–"
        case .object(let object) where object["holds"]?.boolValue != nil:
            return object["holds"] == true ? "holds" : "violated"
        case .string(let text): return text.count > limit ? text.prefix(limit) + "…" : text
        default:
            let text = value.serialized()
            return text.count > limit ? text.prefix(limit) + "…" : text
        }
    }
}
