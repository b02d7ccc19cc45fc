package import JSON

extension PluginManifest {
    /// The manifest as `plugin.json` holds it.
    package var pluginJSON: JSONValue {
        var functions = JSONObject()
        for function in self.functions { functions[function.name] = function.json }
        return [
            "name": .string(name), "version": .string(version), "summary": .string(summary),
            "needs": .array(needs.map { .string($0) }), "functions": .object(functions),
        ]
    }

    /// The arguments as `schema.json` holds them.
    package var schemaJSON: JSONValue {
        var functions = JSONObject()
        for function in self.functions where !function.arguments.isEmpty {
            var arguments = JSONObject()
            for argument in function.arguments { arguments[argument.name] = argument.json }
            functions[function.name] = .object(arguments)
        }
        return .object(functions)
    }
}

extension PluginFunction {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["kind": .string(kind.rawValue), "summary": .string(summary)]
        object["target"] = target.map { .string($0.rawValue) }
        object["effect"] = effect.map { .string($0) }
        object["undo"] = undo.map { .string($0) }
        object["bounds"] = bounds.map { .string($0) }
        if kind == .probe {
            object["unit"] = .string(unit)
            object["cumulative"] = .bool(isCumulative)
            object["phases"] = .array(phases.map { .string($0) })
        }
        return .object(object)
    }
}

extension ArgumentSchema {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["type": .string(type.rawValue), "summary": .string(summary)]
        if isRequired { object["required"] = true }
        object["default"] = defaultValue
        object["minimum"] = minimum
        object["maximum"] = maximum
        if !choices.isEmpty { object["choices"] = .array(choices.map { .string($0) }) }
        return .object(object)
    }
}
