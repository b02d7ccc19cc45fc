import JSON

/// The figures of one row.
struct Figures {
    var json: JSONObject

    init(
        _ measurement: Measurement,
        marks: [UInt32],
        lags: [Int64],
        drain: Double,
        _ used: [String: Double]
    ) {
        let sorted = marks.sorted()
        func quantile(_ share: Double) -> JSONValue {
            guard !sorted.isEmpty else { return .null }
            let index = min(sorted.count - 1, Int(share * Double(sorted.count)))
            return .number(Double(sorted[index]) / 1000)
        }
        let half = lags.count / 2
        func mean(_ lags: ArraySlice<Int64>) -> JSONValue {
            .integer(lags.isEmpty ? 0 : lags.reduce(0, +) / Int64(lags.count))
        }
        let count = Double(measurement.count)
        json = [
            "rate": .number(measurement.rate), "count": .integer(Int64(measurement.count)),
            "marks": .integer(Int64(marks.count)),
            "p50_ms": quantile(0.5), "p99_ms": quantile(0.99), "max_ms": quantile(1),
            "lag_first_half": mean(lags[..<half]), "lag_second_half": mean(lags[half...]),
            "lag_max": .integer(lags.max() ?? 0), "drain_s": .number(drain),
            "micros_per_message": .number(used.values.reduce(0, +) * 1e6 / count),
        ]
        for (part, seconds) in used.sorted(by: { $0.key < $1.key }) {
            json["micros " + part] = .number(seconds * 1e6 / count)
        }
    }
}
