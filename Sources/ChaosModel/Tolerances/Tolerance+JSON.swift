package import JSON

extension Tolerance {
    /// Reads a tolerance: the Chaos Toolkit's forms and `{"at-least": …, "at-most": …}`.
    ///
    /// Errors: the form is unknown or malformed.
    package init(json: JSONValue) throws(UnitError) {
        switch json {
        case .bool, .integer, .string: self = .equal(json)
        case .array(let elements): self = .oneOf(elements)
        case .object(let object):
            self = Self.isBounds(object) ? try Self.bounds(object) : try Self.typed(object)
        case .null, .number:
            throw UnitError(
                "a tolerance cannot be \(json.kindInWords)",
                "Use an integer, a string, a boolean, an array, or an object such as "
                    + "{\"at-most\": \"300ms\"}."
            )
        }
    }

    /// Misspelt bounds are bounds too, so that the message is about them.
    private static func isBounds(_ object: JSONObject) -> Bool {
        object["type"] == nil
            && object.names.contains { Spelling.nearest(to: $0, among: boundNames) != nil }
    }

    private static let boundNames = ["at-least", "at-most"]

    private static func bounds(_ object: JSONObject) throws(UnitError) -> Tolerance {
        for name in object.names
        where !boundNames.contains(name) && !name.hasPrefix("x-") {
            throw UnitError(
                "\"\(name)\" is not part of a bound",
                Spelling.advice(for: name, among: boundNames, kind: "bounds")
            )
        }
        let atLeast = try quantity(object["at-least"])
        let atMost = try quantity(object["at-most"])
        if let atLeast, let atMost {
            guard atLeast.unit == atMost.unit else {
                throw UnitError(
                    "\(atLeast.text) and \(atMost.text) have different units",
                    "Give both in one unit."
                )
            }
            guard atLeast.value <= atMost.value else {
                throw UnitError(
                    "nothing is at least \(atLeast.text) and at most \(atMost.text)",
                    "Swap the two."
                )
            }
        }
        return .bounds(atLeast: atLeast, atMost: atMost)
    }

    private static func quantity(_ json: JSONValue?) throws(UnitError) -> Quantity? {
        switch json {
        case nil: return nil
        case .string(let text)?: return try Quantity(parsing: text)
        case .integer?, .number?:
            let text = json?.serialized() ?? ""
            return Quantity(value: json?.doubleValue ?? 0, unit: .none, text: text)
        default:
            throw UnitError(
                "a bound cannot be \(json?.kindInWords ?? "null")",
                "Write a number, or a string with a unit such as \"300ms\" or \"99%\"."
            )
        }
    }

    private static func typed(_ object: JSONObject) throws(UnitError) -> Tolerance {
        switch object["type"]?.stringValue {
        case "regex": return try regex(object)
        case "jsonpath": return try jsonPath(object)
        case "range": return try range(object)
        case "probe": return .probe(object)
        case let type:
            let shown = type.map { "\"\($0)\"" } ?? "without a type"
            throw UnitError(
                "a tolerance \(type == nil ? shown : "of the type \(shown)") is unknown",
                type.map {
                    Spelling.advice(
                        for: $0,
                        among: ["regex", "jsonpath", "range", "probe"],
                        kind: "types"
                    )
                } ?? "Give \"type\" as regex, jsonpath, range or probe, or use \"at-least\", "
                    + "\"at-most\"."
            )
        }
    }

    private static func regex(_ object: JSONObject) throws(UnitError) -> Tolerance {
        guard let pattern = object["pattern"]?.stringValue else {
            throw UnitError(
                "a regex tolerance needs a \"pattern\" that is a string",
                "Add \"pattern\": \"…\"."
            )
        }
        if !Substitution.hasReference(pattern) { _ = try PythonRegex(pattern) }
        return .regex(pattern: pattern, target: object["target"]?.stringValue)
    }

    private static func jsonPath(_ object: JSONObject) throws(UnitError) -> Tolerance {
        guard let path = object["path"]?.stringValue else {
            throw UnitError(
                "a jsonpath tolerance needs a \"path\" that is a string",
                "Add \"path\": \"$.…\"."
            )
        }
        guard path.contains(where: { !$0.isWhitespace }) else {
            throw UnitError("the JSON path is empty", "Write \"$\" for the whole value.")
        }
        _ = try JSONPath(path)
        return .jsonPath(
            path: path,
            target: object["target"]?.stringValue,
            expect: object["expect"],
            count: object["count"]
        )
    }

    private static func range(_ object: JSONObject) throws(UnitError) -> Tolerance {
        guard let range = object["range"] else {
            throw UnitError("a range tolerance needs a \"range\"", "Add \"range\": [1, 9].")
        }
        guard let elements = range.arrayValue, elements.count == 2 else {
            throw UnitError("a range is not \(range.kindInWords)", "Write two numbers: [1, 9].")
        }
        for (name, bound) in zip(["lower", "upper"], elements)
        where PythonRules.number(bound) == nil {
            throw UnitError(
                "the \(name) bound of a range is \(bound.kindInWords), not a number",
                "Write it without quotes."
            )
        }
        return .range(
            low: elements[0],
            high: elements[1],
            target: object["target"]?.stringValue
        )
    }

    /// The tolerance as it stands in a file.
    package var json: JSONValue {
        switch self {
        case .equal(let value): return value
        case .oneOf(let values): return .array(values)
        case .regex(let pattern, let target):
            return Self.object("regex", [("pattern", .string(pattern))], target)
        case .jsonPath(let path, let target, let expect, let count):
            return Self.object(
                "jsonpath",
                [("path", .string(path)), ("expect", expect), ("count", count)],
                target
            )
        case .range(let low, let high, let target):
            return Self.object("range", [("range", [low, high])], target)
        case .probe(let document): return .object(document)
        case .bounds(let atLeast, let atMost):
            var object = JSONObject()
            object["at-least"] = atLeast.map(\.json)
            object["at-most"] = atMost.map(\.json)
            return .object(object)
        }
    }

    private static func object(
        _ type: String,
        _ members: [(String, JSONValue?)],
        _ target: String?
    ) -> JSONValue {
        var object: JSONObject = ["type": .string(type)]
        for (name, value) in members { object[name] = value }
        object["target"] = target.map { .string($0) }
        return .object(object)
    }

    /// The tolerance with `${name}` replaced where the Chaos Toolkit does: a whole string (which
    /// may become any form), patterns, paths, expectations.
    ///
    /// Errors: the replaced text is no tolerance.
    package func substituting(_ substitution: Substitution) throws(UnitError) -> Tolerance {
        switch self {
        case .equal(.string(let text)): return try Tolerance(json: substitution.apply(to: text))
        case .regex(let pattern, let target):
            let pattern = PythonRules.text(substitution.apply(to: pattern))
            return .regex(pattern: pattern, target: target)
        case .jsonPath(let path, let target, let expect, let count):
            return .jsonPath(
                path: PythonRules.text(substitution.apply(to: path)),
                target: target,
                expect: expect.map(substitution.apply(to:)),
                count: count
            )
        default: return self
        }
    }
}

extension Quantity {
    /// As written: a string with a unit, a bare number as a number.
    fileprivate var json: JSONValue {
        guard unit == .none else { return .string(text) }
        return Int64(exactly: value).map { .integer($0) } ?? .number(value)
    }
}
