import JSON
import ShopCore

/// Holds values against the JSON Schemas of a document; knows the words that the documents use.
///
/// An object has no members but those of its schema: what is not documented is a mistake.
struct SchemaCheck {
    let document: JSONValue

    /// The words that are looked at; `format` is of those below, of numbers it is ignored.
    static let words: Set<String> = [
        "$ref", "oneOf", "type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern",
        "format", "required", "properties", "additionalProperties", "items", "minItems",
        "maxItems", "description",
    ]
    static let formats: Set<String> = ["uuid", "date-time", "int64"]

    /// What a `#/…` reference points at; `nil`: nothing.
    func target(of reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { value, name in
            value?[String(name)]
        }
    }

    /// The value itself, or what it refers to.
    func resolved(_ value: JSONValue) -> JSONValue {
        value["$ref"]?.stringValue.flatMap(target) ?? value
    }

    /// What is wrong with a value, each with its place; empty when it is as the schema says.
    func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        let schema = resolved(schema)
        if let choices = schema["oneOf"]?.arrayValue {
            let fitting = choices.filter { self.problems(value, $0, at: place).isEmpty }
            return fitting.count == 1
                ? [] : ["\(place): fits \(fitting.count) schemas and not one: \(shown(value))"]
        }
        if let type = schema["type"], !isOfType(value, type) {
            return ["\(place): \(shown(value)) is not of type \(type.serialized())"]
        }
        var problems: [String] = []
        if let choices = schema["enum"]?.arrayValue, !choices.contains(value) {
            problems.append("\(place): \(shown(value)) is none of \(schema["enum"] ?? .null)")
        }
        switch value {
        case .integer(let number): problems += range(Double(number), schema, place)
        case .number(let number): problems += range(number, schema, place)
        case .string(let text): problems += self.text(text, schema, place)
        case .array(let elements): problems += list(elements, schema, place)
        case .object(let object): problems += members(object, schema, place)
        case .null, .bool: break
        }
        return problems
    }

    private func isOfType(_ value: JSONValue, _ type: JSONValue) -> Bool {
        let names = type.arrayValue?.compactMap(\.stringValue) ?? [type.stringValue ?? ""]
        return names.contains { name in
            switch (name, value) {
            case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer),
                ("number", .number), ("string", .string), ("array", .array), ("object", .object):
                true
            default: false
            }
        }
    }

    private func range(_ number: Double, _ schema: JSONValue, _ place: String) -> [String] {
        let low = schema["minimum"]?.doubleValue ?? -.infinity
        let high = schema["maximum"]?.doubleValue ?? .infinity
        return (low...high).contains(number) ? [] : ["\(place): \(number) is not \(low) to \(high)"]
    }

    private func text(_ text: String, _ schema: JSONValue, _ place: String) -> [String] {
        var problems: [String] = []
        let count = Int64(text.unicodeScalars.count)
        if count < schema["minLength"]?.integerValue ?? 0
            || count > schema["maxLength"]?.integerValue ?? .max
        {
            problems.append("\(place): a text of \(count) characters")
        }
        if let pattern = schema["pattern"]?.stringValue, !matches(text, pattern) {
            problems.append("\(place): '\(text)' does not match \(pattern)")
        }
        switch schema["format"]?.stringValue {
        case "uuid" where !UUIDText.isValid(text):
            problems.append("\(place): '\(text)' is no UUID")
        case "date-time" where !matches(text, Self.time):
            problems.append("\(place): '\(text)' is no time of RFC 3339")
        default: break
        }
        return problems
    }

    private static let time =
        #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"#

    private func matches(_ text: String, _ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern) else { return false }
        return text.firstMatch(of: regex) != nil
    }

    private func list(_ elements: [JSONValue], _ schema: JSONValue, _ place: String) -> [String] {
        var problems: [String] = []
        let count = Int64(elements.count)
        if count < schema["minItems"]?.integerValue ?? 0
            || count > schema["maxItems"]?.integerValue ?? .max
        {
            problems.append("\(place): \(count) elements")
        }
        guard let inner = schema["items"] else { return problems }
        for (index, element) in elements.enumerated() {
            problems += self.problems(element, inner, at: "\(place)[\(index)]")
        }
        return problems
    }

    private func members(_ object: JSONObject, _ schema: JSONValue, _ place: String) -> [String] {
        // An empty schema is of anything.
        guard schema["type"] != nil else { return [] }
        let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        var problems = required.filter { object[$0] == nil }.map { "\(place).\($0): missing" }
        for member in object.members {
            let inner = "\(place).\(member.name)"
            if let known = schema["properties"]?[member.name] ?? schema["additionalProperties"] {
                problems += self.problems(member.value, known, at: inner)
            } else {
                problems.append("\(inner): not documented")
            }
        }
        return problems
    }

    private func shown(_ value: JSONValue) -> String { String(value.serialized().prefix(80)) }
}
