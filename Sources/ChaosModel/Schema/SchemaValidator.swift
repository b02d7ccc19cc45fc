package import JSON

/// Compares a file with the tables of our format and reports every difference.
package struct SchemaValidator {
    let problems: ProblemCollector

    package init(problems: ProblemCollector) {
        self.problems = problems
    }

    package func check(_ node: JSONNode, _ schema: ValueSchema) {
        switch schema {
        case .text:
            guard let text = node.value.stringValue else {
                return mismatch(node, "a string", "Put it in quotes.")
            }
            if !text.contains(where: { !$0.isWhitespace }) {
                problems.report(node, "the text is empty", "Write something, or leave it out.")
            }
        case .boolean:
            if node.value.boolValue == nil { mismatch(node, "a boolean", "Write true or false.") }
        case .integer(let range): integer(node, range)
        case .duration(let range): duration(node, range)
        case .pause: pause(node)
        case .rate(let range): rate(node, range)
        case .share: share(node)
        case .choice(let choices): choice(node, choices)
        case .list(let element): list(node, element)
        case .object(let object): members(node, object)
        case .map:
            if node.value.objectValue == nil { mismatch(node, "an object", "Write {…}.") }
        case .groups: groups(node)
        case .tolerance: tolerance(node)
        case .target: target(node, mayPick: false)
        case .pickedTarget: target(node, mayPick: true)
        case .replicas: replicas(node)
        case .provider: provider(node)
        case .any: break
        }
    }

    private func mismatch(_ node: JSONNode, _ expected: String, _ remedy: String) {
        problems.report(node, "\(node.value.kindInWords) is not \(expected)", remedy)
    }

    private func integer(_ node: JSONNode, _ range: ClosedRange<Int64>) {
        guard let value = node.value.integerValue else {
            return mismatch(node, "a whole number", "Write digits only.")
        }
        guard !range.contains(value) else { return }
        let remedy =
            range.lowerBound == range.upperBound
            ? "Use \(range.lowerBound)."
            : range.upperBound == .max
                ? "Use \(range.lowerBound) or more."
                : "Use \(range.lowerBound) to \(range.upperBound)."
        problems.report(node, "\(value) is out of range", remedy)
    }

    private func duration(_ node: JSONNode, _ range: ClosedRange<Double>) {
        let seconds: Double
        switch node.value {
        case .integer, .number: seconds = node.value.doubleValue ?? 0
        case .string(let text):
            do throws(UnitError) {
                seconds = try Duration(parsing: text).seconds
            } catch {
                return problems.report(node, error.message, error.remedy)
            }
        default:
            return mismatch(node, "a duration", "Write a string with a unit, such as \"10s\".")
        }
        guard !range.contains(seconds) else { return }
        let shown = node.value.stringValue ?? "\(node.value.serialized()) s"
        let (low, high) = (Self.text(range.lowerBound), Self.text(range.upperBound))
        problems.report(
            node,
            seconds < range.lowerBound ? "\(shown) is below \(low)" : "\(shown) is above \(high)",
            "Use \(low) to \(high)."
        )
    }

    private static func text(_ seconds: Double) -> String {
        Quantity.text(seconds * 1000, .milliseconds)
    }

    private func pause(_ node: JSONNode) {
        if let text = node.value.stringValue, Substitution.hasReference(text) { return }
        duration(node, 0...86_400)
    }

    private func rate(_ node: JSONNode, _ range: ClosedRange<Double>) {
        let rate: Double
        switch node.value {
        case .integer, .number: rate = node.value.doubleValue ?? 0
        case .string(let text):
            do throws(UnitError) {
                let quantity = try Quantity(parsing: text)
                guard quantity.unit == .perSecond else {
                    return problems.report(
                        node,
                        "\"\(text)\" is not a rate",
                        "Write a number per second, such as \"100/s\"."
                    )
                }
                rate = quantity.value
            } catch {
                return problems.report(node, error.message, error.remedy)
            }
        default: return mismatch(node, "a rate", "Write a string such as \"100/s\".")
        }
        guard !range.contains(rate) else { return }
        let low = Quantity.text(range.lowerBound, .perSecond)
        let high = Quantity.text(range.upperBound, .perSecond)
        let shown = node.value.stringValue ?? node.value.serialized()
        problems.report(
            node,
            rate < range.lowerBound ? "\(shown) is below \(low)" : "\(shown) is above \(high)",
            "Use \(low) to \(high)."
        )
    }

    private func share(_ node: JSONNode) {
        let share: Double
        switch node.value {
        case .integer, .number: share = node.value.doubleValue ?? 0
        case .string(let text):
            do throws(UnitError) {
                let quantity = try Quantity(parsing: text)
                let isShare = quantity.unit == .ratio || quantity.unit == .none
                guard isShare else {
                    return problems.report(
                        node,
                        "\"\(text)\" is not a share",
                        "Write a share such as \"10%\"."
                    )
                }
                share = quantity.value
            } catch {
                return problems.report(node, error.message, error.remedy)
            }
        default: return mismatch(node, "a share", "Write a string such as \"10%\".")
        }
        guard !(0...1).contains(share) else { return }
        let shown = node.value.stringValue ?? node.value.serialized()
        problems.report(node, "\(shown) is no part of a whole", "Use \"0%\" to \"100%\".")
    }

    private func choice(_ node: JSONNode, _ choices: [String]) {
        guard let word = node.value.stringValue else {
            return mismatch(node, "a string", "Use \(choices.joined(separator: ", ")).")
        }
        guard !choices.contains(word) else { return }
        problems.report(
            node,
            "\"\(word)\" is not known here",
            Spelling.advice(for: word, among: choices, kind: "choices")
        )
    }

    private func list(_ node: JSONNode, _ element: ValueSchema) {
        guard node.value.arrayValue != nil else {
            return mismatch(node, "an array", "Put it in square brackets.")
        }
        for node in node.elements { check(node, element) }
    }

    private func groups(_ node: JSONNode) {
        guard node.value.objectValue != nil else {
            return mismatch(node, "an object", "Write {…}.")
        }
        for member in node.members where member.node.value.objectValue == nil {
            mismatch(member.node, "a group", "Write {\"group\": {\"name\": …}}.")
        }
    }

    private func tolerance(_ node: JSONNode) {
        do throws(UnitError) {
            _ = try Tolerance(json: node.value)
        } catch {
            problems.report(node, error.message, error.remedy)
        }
        if node["type"]?.value.stringValue == "probe" { ChaosToolkitRules(problems).activity(node) }
    }

    private func target(_ node: JSONNode, mayPick: Bool) {
        guard node.value.objectValue != nil else {
            let forms = "{\"link\": \"a->b\"}, {\"service\": \"a\"} or {\"interface\": \"eth0\"}"
            return mismatch(node, "a target", "Write \(forms).")
        }
        let kinds = ["link", "service", "process", "interface"]
        rejectUnknown(node, kinds + ["namespace"] + (mayPick ? ["pick"] : []))
        let named = kinds.compactMap { node[$0] }
        guard let name = named.first, named.count == 1 else {
            return problems.report(
                node,
                "a target names one thing",
                "Give either \"link\", \"service\", \"process\" or \"interface\"."
            )
        }
        check(name, .text)
        interface(node)
        if mayPick, let pick = node["pick"] { check(pick: pick, of: node) }
    }

    private func check(pick: JSONNode, of target: JSONNode) {
        if TargetPick(json: pick.value) == nil {
            problems.report(
                pick,
                "\(pick.value.serialized()) is no pick",
                "Use \"one\", {\"count\": 2} or {\"percent\": 50}."
            )
        }
        if target["link"] == nil, target["service"] == nil {
            problems.report(
                pick,
                "only services and links have instances among which to pick",
                "Remove \"pick\"."
            )
        }
    }

    private func replicas(_ node: JSONNode) {
        guard node.value.objectValue != nil else {
            return mismatch(node, "an object", "Write {\"payments\": 2}.")
        }
        for member in node.members { integer(member.node, 1...9) }
    }

    private func interface(_ target: JSONNode) {
        if let name = target["interface"]?.value.stringValue,
            !TargetSelector.isInterfaceName(name)
        {
            problems.report(
                target["interface"] ?? target,
                "\"\(name)\" cannot be the name of an interface",
                "Use 1 to 15 characters without spaces, slashes and colons, such as \"eth0\"."
            )
        }
        guard let namespace = target["namespace"] else { return }
        check(namespace, .text)
        if target["interface"] == nil {
            problems.report(
                namespace,
                "only an interface lies in a namespace",
                "Remove \"namespace\"."
            )
        } else if let name = namespace.value.stringValue, !TargetSelector.isNamespace(name) {
            problems.report(
                namespace,
                "\"\(name)\" names no namespace",
                "Write a name under /run/netns, or an absolute path such as /proc/4711/ns/net."
            )
        }
    }

    private func provider(_ node: JSONNode) {
        let type = node["type"]?.value.stringValue
        let isOurs = node["func"] != nil && type != "python"
        if let type, ChaosToolkitRules.providers.contains(type), !isOurs {
            ChaosToolkitRules(problems).provider(node)
        } else {
            members(node, ExperimentSchema.provider)
        }
    }

    private func members(_ node: JSONNode, _ schema: ObjectSchema) {
        guard node.value.objectValue != nil else {
            return mismatch(node, "an object", "Write {…}.")
        }
        rejectUnknown(node, schema.fields.map(\.name))
        for member in node.members {
            guard let field = schema.field(member.name) else { continue }
            check(member.node, field.schema)
        }
        // A reference takes everything but what stands beside it from the step that it names.
        let isReference = schema.field("ref") != nil && node["ref"] != nil
        let known = schema.fields.map(\.name)
        for field in schema.fields
        where field.isRequired && node[field.name] == nil
            && !(isReference && field.name != "tolerance")
            && !isMisspelt(field.name, in: node, among: known)
        {
            problems.report(
                node,
                "\"\(field.name)\" is missing in the \(schema.words)",
                "Add \"\(field.name)\": \(field.summary.lowercasedFirst)"
            )
        }
    }

    /// Whether a misspelt name was meant to be this one: one mistake is told once.
    private func isMisspelt(_ name: String, in node: JSONNode, among known: [String]) -> Bool {
        node.members.contains {
            !known.contains($0.name) && Spelling.nearest(to: $0.name, among: known) == name
        }
    }

    private func rejectUnknown(_ node: JSONNode, _ known: [String]) {
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

extension ObjectSchema {
    /// `hypothesis probe`, for messages.
    fileprivate var words: String { String(name.map { $0 == "-" ? " " : $0 }) }
}

extension String {
    fileprivate var lowercasedFirst: String {
        prefix(1).lowercased() + dropFirst()
    }
}
