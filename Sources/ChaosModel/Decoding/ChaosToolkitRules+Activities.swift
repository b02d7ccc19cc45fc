import JSON

extension ChaosToolkitRules {
    /// Checks a probe or action; with `root` also that a reference leads to one.
    func activity(_ node: JSONNode, referenceIn root: JSONNode? = nil) {
        guard node.value.objectValue != nil else {
            return problems.report(
                node,
                "an activity must be an object, not \(node.value.kindInWords)",
                "Write {\"type\": …, \"name\": …, \"provider\": …}."
            )
        }
        if let reference = node["ref"], !reference.value.isNull {
            return self.reference(reference, in: root)
        }
        type(node)
        name(node)
        if let provider = node["provider"], PythonRules.isTruthy(provider.value) {
            self.provider(provider)
        } else {
            problems.report(
                node["provider"] ?? node,
                "an activity requires a provider",
                "Add \"provider\": {\"type\": …}."
            )
        }
        timing(node)
        controls(node["controls"])
    }

    private func reference(_ node: JSONNode, in root: JSONNode?) {
        guard let name = node.value.stringValue, !name.isEmpty else {
            return problems.report(
                node,
                "a reference must be a string with content",
                "Name an activity of the method or the hypothesis."
            )
        }
        guard let root else { return }
        let known = ActivityReferences(root: root)
        guard known.target(of: name) == nil else { return }
        problems.report(
            node,
            "the activity \"\(name)\" could not be found",
            Spelling.advice(for: name, among: known.names, kind: "activities")
        )
    }

    private func type(_ node: JSONNode) {
        switch node["type"]?.value {
        case "probe", "action": break
        case let type?:
            problems.report(
                node["type"] ?? node,
                "\(type.kindInWords) is not a supported type of activity",
                "Use probe or action."
            )
        case nil:
            problems.report(
                node,
                "an activity must have a type",
                "Add \"type\": \"probe\" or \"action\"."
            )
        }
    }

    private func name(_ node: JSONNode) {
        guard !PythonRules.isTruthy(node["name"]?.value ?? .null) else { return }
        problems.report(node["name"] ?? node, "an activity must have a name", "Add \"name\".")
    }

    private func timing(_ node: JSONNode) {
        if let timeout = node["timeout"], !timeout.value.isNull,
            PythonRules.number(timeout.value) == nil
        {
            problems.report(
                timeout,
                "the timeout of an activity must be a number",
                "Give seconds, without quotes."
            )
        }
        if let background = node["background"], background.value.boolValue == nil {
            problems.report(background, "\"background\" must be a boolean", "Write true or false.")
        }
        guard let pauses = node["pauses"], !pauses.value.isNull else { return }
        guard pauses.value.objectValue != nil else {
            return problems.report(
                pauses,
                "the pauses of an activity must be an object",
                "Write {\"before\": 1, \"after\": 1}."
            )
        }
        for name in ["before", "after"] {
            if let pause = pauses[name] { self.pause(pause) }
        }
    }

    private func pause(_ node: JSONNode) {
        switch node.value {
        case .string(let text) where !(text.hasPrefix("${") && text.hasSuffix("}")):
            problems.report(
                node,
                "a pause must be a number or a ${name}, not \(node.value.kindInWords)",
                "Give seconds, without quotes."
            )
        case .array, .object:
            problems.report(
                node,
                "a pause that is \(node.value.kindInWords) stops the run",
                "Give seconds.",
                severity: .warning
            )
        case .integer, .number:
            guard let seconds = node.value.doubleValue, seconds < 0 else { return }
            problems.report(
                node,
                "a pause below 0 stops the run",
                "Use 0 or more seconds.",
                severity: .warning
            )
        default: break
        }
    }

    /// Checks a provider of the Chaos Toolkit: process, http or python.
    func provider(_ node: JSONNode) {
        guard node.value.objectValue != nil else {
            return problems.report(
                node,
                "a provider must be an object, not \(node.value.kindInWords)",
                "Write {\"type\": …}."
            )
        }
        guard let type = node["type"] else {
            return problems.report(
                node,
                "a provider must have a type",
                "Use process, http or python, or add \"chaos\": 1 to use a plugin."
            )
        }
        switch type.value {
        case "process": process(node)
        case "http": http(node)
        case "python": python(node)
        default:
            let word = type.value.stringValue ?? type.value.serialized()
            let nearest = Spelling.nearest(to: word, among: Self.providers)
            problems.report(
                type,
                "the provider type \"\(word)\" is unknown",
                nearest.map { "Did you mean \"\($0)\"?" }
                    ?? "Use process, http or python, or add \"chaos\": 1 to use a plugin."
            )
        }
    }

    private func process(_ node: JSONNode) {
        required(node, "path", "a process must have a path")
        if let arguments = node["arguments"] {
            switch arguments.value {
            case .array, .string, .object, .null: break
            default:
                problems.report(
                    arguments,
                    "the arguments of a process cannot be \(arguments.value.kindInWords)",
                    "Write an array of strings.",
                    severity: .warning
                )
            }
        }
        if let timeout = node["timeout"], !timeout.value.isNull,
            PythonRules.number(timeout.value) == nil
        {
            problems.report(
                timeout,
                "the timeout of a process must be a number",
                "Give seconds, without quotes.",
                severity: .warning
            )
        }
    }

    private func http(_ node: JSONNode) {
        required(node, "url", "an HTTP activity must have a url")
        if let headers = node["headers"], PythonRules.isTruthy(headers.value),
            headers.value.objectValue == nil
        {
            problems.report(
                headers,
                "the headers must be an object, not \(headers.value.kindInWords)",
                "Write {\"name\": \"value\"}."
            )
        }
    }

    private func python(_ node: JSONNode) {
        required(node, "module", "a Python activity must have a module")
        required(node, "func", "a Python activity must have a function name")
        if let arguments = node["arguments"], arguments.value.objectValue == nil {
            problems.report(
                arguments,
                "the arguments of a Python activity must be an object",
                "Write {\"name\": value}."
            )
        }
    }

    private func required(_ node: JSONNode, _ name: String, _ message: String) {
        guard !PythonRules.isTruthy(node[name]?.value ?? .null) else { return }
        problems.report(node[name] ?? node, message, "Add \"\(name)\".")
    }

    /// Checks a list of controls, which the validator requires to be whole although they do not run
    /// here.
    func controls(_ node: JSONNode?) {
        guard let node, PythonRules.isTruthy(node.value) else { return }
        guard node.value.arrayValue != nil else {
            return problems.report(node, "the controls must be an array", "Write [{…}].")
        }
        for control in node.elements {
            required(control, "name", "a control must have a name")
            required(control, "provider", "a control must have a provider")
            if let provider = control["provider"], provider.value.objectValue != nil {
                required(provider, "module", "the provider of a control must have a module")
            }
            if let scope = control["scope"], !["before", "after", .null].contains(scope.value) {
                problems.report(scope, "a control's scope is unknown", "Use before or after.")
            }
        }
    }

    /// Checks a tolerance of the Chaos Toolkit; our bounds are not among them.
    func tolerance(_ node: JSONNode) {
        if node["at-least"] != nil || node["at-most"] != nil, node["type"] == nil {
            return problems.report(
                node,
                "bounds with units belong to our own format",
                "Add \"chaos\": 1 at the top of the file."
            )
        }
        do throws(UnitError) {
            _ = try Tolerance(json: node.value)
        } catch {
            problems.report(node, error.message, error.remedy)
        }
        if node["type"]?.value.stringValue == "probe" { activity(node) }
    }
}
