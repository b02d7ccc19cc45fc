import JSON

/// The functions of jsonpath2; on a value of the wrong kind they lead nowhere.
enum JSONPathFunctions {
    static func call(
        _ function: JSONPath.Function,
        on value: JSONValue,
        _ arguments: [JSONValue]
    ) -> [JSONValue] {
        switch (function, value) {
        case (.length, .array(let elements)): return [.integer(Int64(elements.count))]
        case (.length, .string(let text)): return [.integer(Int64(text.unicodeScalars.count))]
        case (.keys, .object(let object)): return [.array(object.names.map { .string($0) })]
        case (.values, .object(let object)): return [.array(object.members.map(\.value))]
        case (.entries, .object(let object)):
            return [.array(object.members.map { [.string($0.name), $0.value] })]
        case (.charAt, .string(let text)):
            let scalars = Array(text.unicodeScalars)
            guard arguments.count == 1, let index = integer(arguments[0]),
                index >= -scalars.count, index < scalars.count
            else { return [] }
            return [.string(String(scalars[index < 0 ? index + scalars.count : index]))]
        case (.substring, .string(let text)): return substring(text, arguments)
        default: return []
        }
    }

    /// Python's `text[start:end]`.
    private static func substring(_ text: String, _ arguments: [JSONValue]) -> [JSONValue] {
        let bounds = arguments.map(integer)
        guard (1...2).contains(bounds.count), let first = bounds[0] else { return [] }
        let scalars = Array(text.unicodeScalars)
        func clamped(_ index: Int) -> Int {
            min(max(index < 0 ? index + scalars.count : index, 0), scalars.count)
        }
        var end = scalars.count
        if bounds.count == 2 {
            guard let last = bounds[1] else { return [] }
            end = clamped(last)
        }
        let start = clamped(first)
        guard start < end else { return [""] }
        return [.string(String(String.UnicodeScalarView(scalars[start..<end])))]
    }

    private static func integer(_ value: JSONValue) -> Int? {
        switch value {
        case .integer(let value): Int(exactly: value).flatMap { abs($0) < 1 << 40 ? $0 : nil }
        case .bool(let flag): flag ? 1 : 0
        default: nil
        }
    }
}
