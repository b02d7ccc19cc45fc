package import ChaosModel
import JSON

/// What is wrong with a plugin's two files.
package struct PluginManifestError: Error, Sendable, CustomStringConvertible {
    package var problems: [Problem]

    /// One problem a line.
    package var description: String { problems.map(\.text).joined(separator: "\n") }
}

extension PluginManifest {
    /// Reads `plugin.json` and `schema.json`.
    ///
    /// Errors: every mistake of both files, with positions.
    package init(plugin: [UInt8], schema: [UInt8]) throws(PluginManifestError) {
        let pluginDocument = JSONDocument(file: "plugin.json", bytes: plugin)
        let schemaDocument = JSONDocument(file: "schema.json", bytes: schema)
        let reader = ManifestReader(
            plugin: ProblemCollector(document: pluginDocument),
            schema: ProblemCollector(document: schemaDocument)
        )
        let manifest = reader.manifest()
        let problems = reader.plugin.problems + reader.schema.problems
        guard let manifest, !problems.hasErrors else {
            throw PluginManifestError(problems: problems.sortedByPosition)
        }
        self = manifest
    }

    /// The function of a name, `nil` when the plugin has none.
    package func function(_ name: String) -> PluginFunction? {
        functions.first { $0.name == name }
    }
}

/// Builds a manifest and reports what is wrong on the way.
private struct ManifestReader {
    let plugin: ProblemCollector
    let schema: ProblemCollector

    func manifest() -> PluginManifest? {
        guard let root = object(plugin.document.root, in: plugin) else { return nil }
        checkNames(
            root,
            ["name", "version", "summary", "needs", "functions"],
            in: plugin
        )
        let arguments = object(schema.document.root, in: schema)
        let name = text(root, "name", in: plugin)
        var functions: [PluginFunction] = []
        if let node = root["functions"], let object = object(node, in: plugin) {
            functions = object.members.compactMap { function($0, arguments) }
        } else if root["functions"] == nil {
            plugin.report(root, "\"functions\" is missing", "List the plugin's functions.")
        }
        for member in arguments?.members ?? []
        where root["functions"]?[member.name] == nil {
            schema.report(
                name: member,
                "plugin.json has no function \"\(member.name)\"",
                Spelling.advice(
                    for: member.name,
                    among: functions.map(\.name),
                    kind: "functions"
                )
            )
        }
        return PluginManifest(
            name: name,
            version: text(root, "version", in: plugin),
            summary: text(root, "summary", in: plugin),
            needs: strings(root, "needs", in: plugin),
            functions: functions
        )
    }

    private func function(_ member: JSONNode.Member, _ arguments: JSONNode?) -> PluginFunction? {
        guard let node = object(member.node, in: plugin) else { return nil }
        guard
            let kind: PluginFunction.Kind = choice(
                node,
                "kind",
                PluginFunction.Kind.init(rawValue:),
                "Use probe, action or fault."
            )
        else { return nil }
        let common = ["kind", "summary", "target"]
        checkNames(
            node,
            common
                + (kind == .fault
                    ? ["effect", "undo", "bounds"]
                    : kind == .probe ? ["unit", "cumulative", "phases"] : ["undo"]),
            in: plugin
        )
        var function = PluginFunction(
            name: member.name,
            kind: kind,
            summary: text(node, "summary", in: plugin)
        )
        if node["target"] != nil {
            function.target = choice(
                node,
                "target",
                PluginFunction.TargetKind.init(rawValue:),
                "Use link, service, process or interface."
            )
        }
        function.effect = optionalText(node, "effect", isRequired: kind == .fault)
        function.undo = optionalText(node, "undo", isRequired: kind == .fault)
        function.bounds = optionalText(node, "bounds", isRequired: kind == .fault)
        readProbe(node, into: &function)
        function.arguments = (arguments?[member.name]?.members ?? []).compactMap(argument)
        return function
    }

    private func readProbe(_ node: JSONNode, into function: inout PluginFunction) {
        function.unit = node["unit"]?.value.stringValue ?? ""
        if let unit = node["unit"], Quantity.Unit(rawValue: function.unit) == nil {
            plugin.report(unit, "the unit is unknown", "Use ms, ratio, /s, B, B/s or \"\".")
        }
        if let cumulative = node["cumulative"] {
            if let value = cumulative.value.boolValue {
                function.isCumulative = value
            } else {
                plugin.report(cumulative, "\"cumulative\" is not a boolean", "Write true or false.")
            }
        }
        guard let phases = node["phases"] else { return }
        function.phases = strings(node, "phases", in: plugin)
        for phase in function.phases where ProbePhase(rawValue: phase) == nil {
            let known = ProbePhase.allCases.map(\.rawValue)
            plugin.report(
                phases,
                "\"\(phase)\" is not a phase",
                Spelling.advice(for: phase, among: known, kind: "phases")
            )
        }
    }

    private func argument(_ member: JSONNode.Member) -> ArgumentSchema? {
        guard let node = object(member.node, in: schema) else { return nil }
        checkNames(
            node,
            ["type", "summary", "required", "default", "minimum", "maximum", "choices"],
            in: schema
        )
        let word = text(node, "type", in: schema)
        guard let type = ArgumentSchema.ValueType(rawValue: word) else {
            schema.report(
                node["type"] ?? node,
                "\"\(word)\" is not a type of argument",
                "Use string, boolean, integer, number, duration, ratio, rate, bytes, array, "
                    + "object or any."
            )
            return nil
        }
        var argument = ArgumentSchema(
            name: member.name,
            type: type,
            summary: text(node, "summary", in: schema)
        )
        argument.isRequired = node["required"]?.value.boolValue ?? false
        argument.choices = strings(node, "choices", in: schema)
        for (name, path) in [
            ("minimum", \ArgumentSchema.minimum), ("maximum", \ArgumentSchema.maximum),
            ("default", \ArgumentSchema.defaultValue),
        ] {
            guard let node = node[name] else { continue }
            // Set first: a declared bound takes the place of the natural one, under 0 too.
            argument[keyPath: path] = node.value
            do throws(UnitError) {
                if !(name == "default" && node.value.isNull) {
                    _ = try argument.canonical(node.value)
                }
            } catch {
                schema.report(node, error.message, error.remedy)
            }
        }
        return argument
    }
}

extension ManifestReader {
    private func object(_ node: JSONNode?, in problems: ProblemCollector) -> JSONNode? {
        guard let node else { return nil }
        guard node.value.objectValue != nil else {
            problems.report(node, "\(node.value.kindInWords) is not an object", "Write {…}.")
            return nil
        }
        return node
    }

    private func text(_ node: JSONNode, _ name: String, in problems: ProblemCollector) -> String {
        guard let member = node[name] else {
            problems.report(node, "\"\(name)\" is missing", "Give it as a string.")
            return ""
        }
        guard let text = member.value.stringValue, !text.isEmpty else {
            problems.report(member, "\"\(name)\" is not a string with content", "Write words.")
            return ""
        }
        return text
    }

    private func optionalText(_ node: JSONNode, _ name: String, isRequired: Bool) -> String? {
        guard isRequired || node[name] != nil else { return nil }
        let text = text(node, name, in: plugin)
        return text.isEmpty ? nil : text
    }

    private func strings(
        _ node: JSONNode,
        _ name: String,
        in problems: ProblemCollector
    ) -> [String] {
        guard let member = node[name] else { return [] }
        guard let texts = member.value.arrayValue?.map(\.stringValue), !texts.contains(nil) else {
            problems.report(member, "\"\(name)\" is not an array of strings", "Write [\"…\"].")
            return []
        }
        return texts.compactMap(\.self)
    }

    private func choice<Value>(
        _ node: JSONNode,
        _ name: String,
        _ read: (String) -> Value?,
        _ remedy: String
    ) -> Value? {
        let word = text(node, name, in: plugin)
        guard !word.isEmpty else { return nil }
        guard let value = read(word) else {
            plugin.report(node[name] ?? node, "\"\(word)\" is not a known \(name)", remedy)
            return nil
        }
        return value
    }

    private func checkNames(_ node: JSONNode, _ known: [String], in problems: ProblemCollector) {
        for member in node.members
        where !known.contains(member.name) && !member.name.hasPrefix("x-") {
            problems.report(
                name: member,
                "\"\(member.name)\" is not known here",
                Spelling.advice(for: member.name, among: known, kind: "names")
            )
        }
    }
}
