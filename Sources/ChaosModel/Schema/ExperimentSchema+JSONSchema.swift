package import JSON

extension ExperimentSchema {
    /// The published JSON Schema (draft 2020-12) of both formats, generated from the tables.
    ///
    /// It serves editors; `chaos validate` knows more (units, references, plugins) and says it
    /// better.
    package static var jsonSchema: JSONValue {
        var definitions = JSONObject()
        define(experiment, into: &definitions)
        define(provider, into: &definitions)
        for (name, schema) in sharedDefinitions { definitions[name] = schema }
        definitions["chaos-toolkit-experiment"] = toolkitExperiment
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Experiment",
            "description": .string(
                "An experiment of chaos (\"chaos\": 1) or of the Chaos Toolkit. "
                    + "Generated from Sources/ChaosModel/Schema; do not edit."
            ),
            "type": "object",
            "if": ["required": ["chaos"]],
            "then": reference(experiment.name),
            "else": reference("chaos-toolkit-experiment"),
            "$defs": .object(definitions),
        ]
    }

    static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/$defs/\(name)")]
    }

    /// Adds an object and every object below it.
    private static func define(_ object: ObjectSchema, into definitions: inout JSONObject) {
        guard definitions[object.name] == nil else { return }
        definitions[object.name] = jsonSchema(of: object)
        for field in object.fields { define(field.schema, into: &definitions) }
    }

    private static func define(_ schema: ValueSchema, into definitions: inout JSONObject) {
        switch schema {
        case .object(let object): define(object, into: &definitions)
        case .list(let element): define(element, into: &definitions)
        default: break
        }
    }

    private static func jsonSchema(of object: ObjectSchema) -> JSONValue {
        var properties = JSONObject()
        for field in object.fields { properties[field.name] = jsonSchema(of: field) }
        let required = object.fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        var result: JSONObject = [
            "description": .string(object.summary), "type": "object",
            "properties": .object(properties),
        ]
        if object.field("ref") != nil {
            // A reference replaces the description of a step, except for its tolerance.
            let beside = required.filter { $0 == "tolerance" }
            result["anyOf"] = [
                ["required": .array(["ref"] + beside)], ["required": .array(required)],
            ]
        } else if !required.isEmpty {
            result["required"] = .array(required)
        }
        result["patternProperties"] = ["^x-": true]
        result["additionalProperties"] = false
        return .object(result)
    }

    private static func jsonSchema(of field: FieldSchema) -> JSONValue {
        var result = jsonSchema(of: field.schema).objectValue ?? [:]
        result["description"] = .string(field.summary)
        result["default"] = field.defaultValue
        return .object(result)
    }

    private static func jsonSchema(of schema: ValueSchema) -> JSONValue {
        switch schema {
        case .text: return ["type": "string", "pattern": "\\S"]
        case .boolean: return ["type": "boolean"]
        case .integer(let range):
            var result: JSONObject = ["type": "integer", "minimum": .integer(range.lowerBound)]
            if range.upperBound < .max { result["maximum"] = .integer(range.upperBound) }
            return .object(result)
        case .duration: return reference("duration")
        case .rate: return reference("rate")
        case .share: return reference("share")
        case .pause: return reference("pause")
        case .choice(let choices): return ["enum": .array(choices.map { .string($0) })]
        case .list(let element): return ["type": "array", "items": jsonSchema(of: element)]
        case .object(let object): return reference(object.name)
        case .map: return ["type": "object"]
        case .groups: return ["type": "object", "additionalProperties": ["type": "object"]]
        case .tolerance: return reference("tolerance")
        case .target: return reference("target")
        case .pickedTarget: return reference("picked-target")
        case .replicas:
            return [
                "type": "object",
                "additionalProperties": ["type": "integer", "minimum": 1, "maximum": 9],
            ]
        case .provider: return reference("any-provider")
        case .any: return [:]
        }
    }
}
