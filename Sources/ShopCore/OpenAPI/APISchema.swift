package import JSON

/// A JSON Schema (2020-12), made of the few words that the shop's documents need.
package struct APISchema: Sendable {
    package private(set) var json: JSONObject

    private init(_ type: String, _ summary: String, _ more: JSONObject = [:]) {
        json = ["type": .string(type), "description": .string(summary)]
        for member in more.members { json[member.name] = member.value }
    }

    private init(_ json: JSONObject) {
        self.json = json
    }

    /// A text; `length` in characters, of which the services count the bytes.
    static func text(_ summary: String, _ length: ClosedRange<Int>? = nil) -> APISchema {
        var schema = APISchema("string", summary)
        if let length {
            schema.json["minLength"] = .integer(Int64(length.lowerBound))
            schema.json["maxLength"] = .integer(Int64(length.upperBound))
        }
        return schema
    }

    static func text(_ summary: String, pattern: String) -> APISchema {
        APISchema("string", summary, ["pattern": .string(pattern)])
    }

    static func choice(_ summary: String, _ words: [String]) -> APISchema {
        APISchema("string", summary, ["enum": .array(words.map { .string($0) })])
    }

    static func uuid(_ summary: String) -> APISchema {
        APISchema("string", summary, ["format": "uuid"])
    }

    /// A time as RFC 3339 has it.
    static func time(_ summary: String) -> APISchema {
        APISchema("string", summary, ["format": "date-time"])
    }

    static func boolean(_ summary: String) -> APISchema { APISchema("boolean", summary) }

    /// A whole number; 0 and more unless another range is given.
    static func integer(
        _ summary: String,
        _ range: ClosedRange<Int64> = 0...Int64.max
    ) -> APISchema {
        var schema = APISchema("integer", summary, ["format": "int64"])
        schema.json["minimum"] = range.lowerBound == .min ? nil : .integer(range.lowerBound)
        schema.json["maximum"] = range.upperBound == .max ? nil : .integer(range.upperBound)
        return schema
    }

    static func number(_ summary: String, _ range: ClosedRange<Double>) -> APISchema {
        APISchema(
            "number",
            summary,
            ["minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
        )
    }

    static func list(
        _ summary: String,
        of element: APISchema,
        _ count: ClosedRange<Int>? = nil
    ) -> APISchema {
        var schema = APISchema("array", summary, ["items": .object(element.json)])
        if let count {
            schema.json["minItems"] =
                count.lowerBound == 0 ? nil : .integer(Int64(count.lowerBound))
            schema.json["maxItems"] = .integer(Int64(count.upperBound))
        }
        return schema
    }

    /// An object with these members.
    static func object(_ summary: String, _ fields: [APIField]) -> APISchema {
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        let members = fields.map {
            JSONObject.Member(name: $0.name, value: .object($0.schema.json))
        }
        return APISchema(
            "object",
            summary,
            ["required": .array(required), "properties": .object(JSONObject(members))]
        )
    }

    /// An object with members of any name.
    static func map(_ summary: String, of element: APISchema) -> APISchema {
        APISchema("object", summary, ["additionalProperties": .object(element.json)])
    }

    /// Any JSON.
    static let anything = APISchema([:])

    /// One of `APIComponents.schemas`.
    static func named(_ name: String) -> APISchema {
        APISchema(["$ref": .string("#/components/schemas/\(name)")])
    }

    /// Exactly one of these.
    static func either(_ schemas: [APISchema]) -> APISchema {
        APISchema(["oneOf": .array(schemas.map { .object($0.json) })])
    }

    /// The same, or null.
    var orNull: APISchema {
        var schema = self
        schema.json["type"] = json["type"].map { [$0, "null"] }
        return schema
    }
}

/// A member of an object.
struct APIField: Sendable {
    let name: String
    let schema: APISchema
    let isRequired: Bool

    init(_ name: String, _ schema: APISchema, isOptional: Bool = false) {
        self.name = name
        self.schema = schema
        isRequired = !isOptional
    }
}
