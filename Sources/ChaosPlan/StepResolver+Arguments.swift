import ChaosModel
import ChaosPluginAPI
import JSON

extension StepResolver {
    /// Compares the arguments with the function's schema, brings them into canonical form and fills
    /// in defaults.
    func resolveArguments(of step: Step, into planned: inout PlannedStep) {
        // The Chaos Toolkit's providers keep their settings beside `arguments`; their plugins read
        // those.
        guard step.provider.function != nil else { return }
        let path = "\(step.path).provider.arguments"
        let function = planned.function
        let label = "\(step.provider.type) \(function.name)"
        let known = function.arguments.map(\.name)
        for name in step.provider.arguments.names
        where !known.contains(name) && !name.hasPrefix("x-") {
            problems.report(
                namePath: JSONNode.path(path, member: name),
                "\(label) has no argument \"\(name)\"",
                Spelling.advice(for: name, among: known, kind: "arguments")
            )
        }
        var arguments = JSONObject()
        var texts: [String] = []
        for schema in function.arguments {
            guard let written = step.provider.arguments[schema.name] else {
                missing(schema, label, step)
                let value = schema.defaultValue.flatMap { try? schema.canonical($0) }
                arguments[schema.name] = value.flatMap { $0.isNull ? nil : $0 }
                // Of a probe the defaults say little; of what changes the system everything counts.
                if function.kind != .probe, let value = arguments[schema.name] {
                    texts.append("\(schema.name) \(schema.text(value))")
                }
                continue
            }
            let place = JSONNode.path(path, member: schema.name)
            guard let value = canonical(substitution.apply(to: written), schema, place) else {
                continue
            }
            texts.append("\(schema.name) \(schema.text(value))")
            // Text keeps its ${name}: the runner puts in values, secrets included, and only once.
            arguments[schema.name] = schema.isText ? written : value
        }
        planned.step.provider.arguments = arguments
        planned.argumentTexts = texts
    }

    private func missing(_ schema: ArgumentSchema, _ label: String, _ step: Step) {
        guard schema.isRequired else { return }
        problems.report(
            path: "\(step.path).provider",
            "\(label) needs the argument \"\(schema.name)\"",
            "Add it to \"arguments\": \(schema.summary.prefix(1).lowercased())"
                + "\(schema.summary.dropFirst())\(schema.summary.hasSuffix(".") ? "" : ".")"
        )
    }

    private func canonical(
        _ value: JSONValue,
        _ schema: ArgumentSchema,
        _ path: String
    ) -> JSONValue? {
        if let text = value.stringValue, Substitution.hasReference(text), !schema.isText {
            problems.report(
                path: path,
                "\(text) has no value",
                "Give it one in \"configuration\", with a \"default\" when it is an environment "
                    + "variable."
            )
            return nil
        }
        do throws(UnitError) {
            return try schema.canonical(value)
        } catch {
            problems.report(path: path, error.message, error.remedy)
            return nil
        }
    }
}

extension ArgumentSchema {
    /// Whether values stay as they are written, and may hold text to replace.
    fileprivate var isText: Bool {
        switch type {
        case .string, .any, .array, .object: true
        case .boolean, .integer, .number, .duration, .ratio, .rate, .bytes: false
        }
    }
}
