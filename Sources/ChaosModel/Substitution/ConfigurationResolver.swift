package import JSON

/// Turns the declarations of `configuration` and `secrets` into values.
package enum ConfigurationResolver {
    /// Literals stay; `{"type": "env"}` takes the variable or its `default`; keys that have
    /// neither, and values that a probe must find, are left out.
    ///
    /// Errors: a variable whose text is not of its `env_var_type`; the text itself is never told.
    package static func configuration(
        _ declared: JSONObject,
        variable: (String) -> String?
    ) throws(UnitError) -> JSONObject {
        var result = JSONObject()
        for member in declared.members {
            switch member.value["type"] {
            case "env": result[member.name] = try environment(member, variable)
            case "probe" where member.value["provider"] != nil: continue
            default: result[member.name] = member.value
            }
        }
        return result
    }

    /// Groups of literals, nested objects and environment variables; those that are not set are
    /// left out.
    package static func secrets(
        _ declared: JSONObject,
        variable: (String) -> String?
    ) throws(UnitError) -> JSONObject {
        var result = JSONObject()
        for group in declared.members {
            let members = group.value.objectValue ?? [:]
            result[group.name] = .object(try configuration(members, variable: variable))
        }
        return result
    }

    private static func environment(
        _ member: JSONObject.Member,
        _ variable: (String) -> String?
    ) throws(UnitError) -> JSONValue? {
        let key = member.value["key"]?.stringValue ?? ""
        guard let text = variable(key) else { return member.value["default"] }
        let type = member.value["env_var_type"]?.stringValue ?? "str"
        guard let value = typed(text, type) else {
            throw UnitError(
                "the environment variable \(key) is not of the type \(type)",
                "Change the variable or \"env_var_type\" of \"\(member.name)\"."
            )
        }
        return value
    }

    private static func typed(_ text: String, _ type: String) -> JSONValue? {
        switch type {
        case "int", "integer": Int64(text).map { .integer($0) }
        case "float", "number": Double(text).map { .number($0) }
        case "bool": .bool(!["false", "0", "no"].contains(text.lowercased()))
        case "json": try? JSONValue.parse(text)
        default: .string(text)
        }
    }
}
