/// Prometheus text, format 0.0.4: families with their samples.
struct MetricsText {
    typealias Labels = [(name: String, value: String)]

    private(set) var text = ""

    /// Begins a family; its samples follow.
    mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels.map { "\($0.name)=\"\(MetricsText.escaped($0.value))\"" }
                .joined(separator: ",")
            text += "}"
        }
        text += " \(value)\n"
    }

    mutating func sample(_ name: String, _ labels: Labels, _ value: Int) {
        sample(name, labels, "\(value)")
    }

    /// The buckets, cumulated, then the sum in seconds and the count.
    mutating func histogram(_ name: String, _ labels: Labels, _ histogram: LatencyHistogram) {
        var total = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bounds = LatencyHistogram.bounds
            let bound = index < bounds.count ? "\(Double(bounds[index]) / 1e9)" : "+Inf"
            sample(name + "_bucket", labels + [("le", bound)], total)
        }
        sample(name + "_sum", labels, "\(Double(histogram.sum) / 1e9)")
        sample(name + "_count", labels, total)
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text
    }
}
