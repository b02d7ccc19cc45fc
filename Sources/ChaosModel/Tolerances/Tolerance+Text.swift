import JSON

extension Tolerance {
    /// The test in words, as it stands in plans and reports: `at most 300ms`, `200`, `from 1 to 9`.
    package var text: String {
        switch self {
        case .equal(let value): "equal to \(value.serialized())"
        case .oneOf(let values) where values.count == 2:
            "from \(values[0].serialized()) to \(values[1].serialized())"
        case .oneOf(let values):
            "one of \(values.map { $0.serialized() }.joined(separator: ", "))"
        case .regex(let pattern, let target): Self.prefix(target) + "matching /\(pattern)/"
        case .jsonPath(let path, let target, let expect, let count):
            Self.prefix(target) + Self.text(path: path, expect, count)
        case .range(let low, let high, let target):
            Self.prefix(target) + "from \(low.serialized()) to \(high.serialized())"
        case .probe(let document):
            "accepted by the probe \(document["name"]?.stringValue ?? "without a name")"
        case .bounds(let atLeast, let atMost):
            [atLeast.map { "at least \($0.text)" }, atMost.map { "at most \($0.text)" }]
                .compactMap(\.self).joined(separator: " and ")
        }
    }

    private static func prefix(_ target: String?) -> String {
        target.map { "\($0) " } ?? ""
    }

    private static func text(path: String, _ expect: JSONValue?, _ count: JSONValue?) -> String {
        if let expect { return "\(path) equal to \(expect.serialized())" }
        if let count { return "\(path) found \(count.serialized()) times" }
        return "\(path) found"
    }
}
