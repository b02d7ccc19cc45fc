import ChaosPluginAPI
import JSON

/// How a plugin's manifest reads, for people and for programs; pure.
enum PluginText {
    static func description(of manifest: PluginManifest) -> String {
        var lines = ["\(manifest.name) \(manifest.version) — \(manifest.summary)"]
        if !manifest.needs.isEmpty {
            lines.append("needs: " + manifest.needs.joined(separator: "; "))
        }
        for function in manifest.functions {
            lines.append("")
            lines.append("\(function.name) (\(function.kind.rawValue)) — \(function.summary)")
            if let target = function.target { lines.append("  target: \(target.words)") }
            for argument in function.arguments { lines.append("  " + line(of: argument)) }
            if !function.unit.isEmpty { lines.append("  unit: \(function.unit)") }
            if let effect = function.effect { lines.append("  effect: \(effect)") }
            if let undo = function.undo { lines.append("  undo: \(undo)") }
            if let bounds = function.bounds { lines.append("  bounds: \(bounds)") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(of argument: ArgumentSchema) -> String {
        var notes = [argument.type.rawValue]
        if argument.isRequired { notes.append("required") }
        if let value = argument.defaultValue { notes.append("default \(plain(value))") }
        if let low = argument.minimum { notes.append("from \(plain(low))") }
        if let high = argument.maximum { notes.append("to \(plain(high))") }
        if !argument.choices.isEmpty { notes.append(argument.choices.joined(separator: " | ")) }
        return "\(argument.name) (\(notes.joined(separator: ", "))): \(argument.summary)"
    }

    private static func plain(_ value: JSONValue) -> String {
        value.stringValue ?? value.serialized()
    }

    static func json(of manifest: PluginManifest) -> JSONValue {
        [
            "name": .string(manifest.name), "version": .string(manifest.version),
            "summary": .string(manifest.summary),
            "needs": .array(manifest.needs.map { .string($0) }),
            "functions": .array(manifest.functions.map(json)),
        ]
    }

    private static func json(of function: PluginFunction) -> JSONValue {
        var object: JSONObject = [
            "name": .string(function.name), "kind": .string(function.kind.rawValue),
            "summary": .string(function.summary),
        ]
        object["target"] = function.target.map { .string($0.rawValue) }
        object["unit"] = function.unit.isEmpty ? nil : .string(function.unit)
        object["effect"] = function.effect.map { .string($0) }
        object["undo"] = function.undo.map { .string($0) }
        object["arguments"] = .array(function.arguments.map(json))
        return .object(object)
    }

    private static func json(of argument: ArgumentSchema) -> JSONValue {
        var object: JSONObject = [
            "name": .string(argument.name), "type": .string(argument.type.rawValue),
            "summary": .string(argument.summary), "required": .bool(argument.isRequired),
        ]
        object["default"] = argument.defaultValue
        object["minimum"] = argument.minimum
        object["maximum"] = argument.maximum
        if !argument.choices.isEmpty {
            object["choices"] = .array(argument.choices.map { .string($0) })
        }
        return .object(object)
    }
}
