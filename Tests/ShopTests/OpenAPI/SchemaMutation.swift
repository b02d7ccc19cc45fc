import JSON

/// Bodies that a schema refuses, made from one that it takes: for each member one that lacks it,
/// and some in which it is just beyond what is allowed.
enum SchemaMutation {
    static func bodies(_ body: JSONValue, _ schema: JSONValue, _ check: SchemaCheck) -> [String] {
        let schema = check.resolved(schema)
        let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        var bodies = ["", "{", "[]", "7", "{}"]
        for name in required {
            guard var object = body.objectValue else { continue }
            object[name] = nil
            bodies.append(JSONValue.object(object).serialized())
            for value in wrong(check.resolved(schema["properties"]?[name] ?? .null)) {
                object[name] = value
                bodies.append(JSONValue.object(object).serialized())
            }
        }
        return bodies
    }

    private static func wrong(_ schema: JSONValue) -> [JSONValue] {
        var values: [JSONValue] = [.null, [], [:], true]
        switch schema["type"]?.stringValue {
        case "integer":
            values += ["7", 1.5]
            if let low = schema["minimum"]?.integerValue { values.append(.integer(low - 1)) }
            if let high = schema["maximum"]?.integerValue { values.append(.integer(high + 1)) }
        case "string":
            values += [7]
            if schema["enum"] != nil || schema["format"] != nil { values.append("nonsense") }
            if schema["minLength"]?.integerValue == 1 { values.append("") }
            if let high = schema["maxLength"]?.integerValue {
                values.append(.string(String(repeating: "x", count: Int(high) + 1)))
            }
        default: break
        }
        return values
    }
}
