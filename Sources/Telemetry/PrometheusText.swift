/// The pieces of Prometheus' text exposition format 0.0.4.
enum PrometheusText {
    /// `name="value",…` with the escapes that the format wants; empty without labels.
    static func labels(_ labels: MetricsRegistry.Labels) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    static func help(_ text: String) -> String { escaped(text, quotes: false) }

    static func sample(_ name: String, _ labels: String, _ value: Int) -> String {
        "\(name)\(braced(labels)) \(value)\n"
    }

    /// `_bucket` (cumulative, up to `+Inf`), `_sum` in seconds and `_count`.
    static func samples(
        _ name: String,
        _ labels: String,
        _ state: DurationHistogram.State
    ) -> String {
        var text = ""
        var total = 0
        for (bound, count) in zip(DurationHistogram.bounds, state.counts) {
            total += count
            let limit = "le=\"\(seconds(bound))\""
            text += "\(name)_bucket\(braced(joined(labels, limit))) \(total)\n"
        }
        total += state.counts[DurationHistogram.bounds.count]
        text += "\(name)_bucket\(braced(joined(labels, "le=\"+Inf\""))) \(total)\n"
        text += "\(name)_sum\(braced(labels)) \(seconds(state.sumMicroseconds))\n"
        text += "\(name)_count\(braced(labels)) \(total)\n"
        return text
    }

    private static func joined(_ a: String, _ b: String) -> String {
        a.isEmpty ? b : a + "," + b
    }

    private static func braced(_ labels: String) -> String {
        labels.isEmpty ? "" : "{\(labels)}"
    }

    private static func seconds(_ microseconds: Int64) -> String {
        (Double(microseconds) / 1_000_000).description
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
