import JSON

/// The Chaos Toolkit's rules for a valid file, as its validator applies them; every mistake is
/// reported.
///
/// What its validator lets pass and its run then crashes on is a warning here; what would lose the
/// rollbacks is an error.
struct ChaosToolkitRules {
    let problems: ProblemCollector

    static let providers = ["process", "http", "python"]

    init(_ problems: ProblemCollector) {
        self.problems = problems
    }

    func experiment(_ root: JSONNode) {
        guard let object = root.value.objectValue else {
            return problems.report(
                root,
                "\(root.value.kindInWords) is not an experiment",
                "Write an object with title, description and method."
            )
        }
        guard !object.isEmpty else {
            return problems.report(
                root,
                "an empty experiment is not an experiment",
                "Add \"chaos\": 1, a title, a description and a method."
            )
        }
        warnOfMisspelt(root, Self.topLevel)
        require(root, "title", "an experiment requires a title")
        require(root, "description", "an experiment requires a description")
        tags(root["tags"])
        extensions(root["extensions"])
        configuration(root["configuration"])
        secrets(root["secrets"])
        if let hypothesis = root["steady-state-hypothesis"] { self.hypothesis(hypothesis, root) }
        method(root)
        if let rollbacks = root["rollbacks"] {
            for each in list(rollbacks, "the rollbacks") { activity(each, referenceIn: root) }
        }
        controls(root["controls"])
        runtime(root["runtime"])
    }

    private static let topLevel = [
        "title", "description", "tags", "version", "contributions", "configuration", "secrets",
        "controls", "steady-state-hypothesis", "method", "rollbacks", "extensions", "runtime",
        "dry", "chaos",
    ]

    /// Unknown names are allowed and ignored there, which hides a misspelt `rollbacks`.
    private func warnOfMisspelt(_ node: JSONNode, _ known: [String]) {
        for member in node.members where !known.contains(member.name) {
            guard let meant = Spelling.nearest(to: member.name, among: known), node[meant] == nil
            else { continue }
            problems.report(
                name: member,
                "\"\(member.name)\" is ignored",
                "Did you mean \"\(meant)\"?",
                severity: .warning
            )
        }
    }

    private func require(_ node: JSONNode, _ name: String, _ message: String) {
        guard let member = node[name] else {
            return problems.report(node, message, "Add \"\(name)\".")
        }
        if !PythonRules.isTruthy(member.value) {
            problems.report(member, message, "Do not leave \"\(name)\" empty.")
        }
    }

    private func list(_ node: JSONNode, _ what: String) -> [JSONNode] {
        guard node.value.arrayValue != nil else {
            problems.report(
                node,
                "\(what) must be an array, not \(node.value.kindInWords)",
                "Put it in square brackets."
            )
            return []
        }
        return node.elements
    }

    private func object(_ node: JSONNode, _ what: String) -> Bool {
        guard node.value.objectValue == nil else { return true }
        problems.report(
            node,
            "\(what) must be an object, not \(node.value.kindInWords)",
            "Write {…}, or leave it out."
        )
        return false
    }

    private func tags(_ node: JSONNode?) {
        guard let node, PythonRules.isTruthy(node.value), node.value.stringValue == nil else {
            return
        }
        for tag in list(node, "the tags") where tag.value.stringValue?.isEmpty != false {
            problems.report(tag, "a tag must be a string with content", "Write a word.")
        }
    }

    private func extensions(_ node: JSONNode?) {
        guard let node, PythonRules.isTruthy(node.value) else { return }
        for each in list(node, "the extensions") where object(each, "an extension") {
            require(each, "name", "an extension requires a name")
        }
    }

    private func configuration(_ node: JSONNode?) {
        guard let node, object(node, "the configuration") else { return }
        for member in node.members { variable(member.node) }
    }

    private func secrets(_ node: JSONNode?) {
        guard let node, object(node, "the secrets") else { return }
        for group in node.members where object(group.node, "a group of secrets") {
            for member in group.node.members { variable(member.node) }
        }
    }

    private func variable(_ node: JSONNode) {
        guard node["type"]?.value == "env" else { return }
        require(node, "key", "an environment variable requires a key")
    }

    private func hypothesis(_ node: JSONNode, _ root: JSONNode) {
        guard object(node, "the hypothesis") else { return }
        warnOfMisspelt(node, ["title", "probes", "controls"])
        require(node, "title", "a hypothesis requires a title")
        for probe in node["probes"].map({ list($0, "the probes") }) ?? [] {
            activity(probe, referenceIn: root)
            if let tolerance = probe["tolerance"] {
                self.tolerance(tolerance)
            } else if probe.value.objectValue != nil {
                problems.report(
                    probe,
                    "a probe of the hypothesis must have a tolerance",
                    "Add \"tolerance\", such as 200."
                )
            }
        }
        controls(node["controls"])
    }

    private func method(_ root: JSONNode) {
        guard let method = root["method"] else {
            return problems.report(
                root,
                "an experiment requires a method",
                "Add \"method\": […]; it may be empty to check the hypothesis only."
            )
        }
        for each in list(method, "the method") { activity(each, referenceIn: root) }
    }

    func runtime(_ node: JSONNode?) {
        guard let node, node.value.objectValue != nil else { return }
        let strategies = HypothesisStrategy.allCases.map(\.rawValue) + ["continously"]
        strategy(node["hypothesis"]?["strategy"], among: strategies)
        strategy(
            node["rollbacks"]?["strategy"],
            among: RollbackStrategy.allCases.map(\.rawValue)
        )
    }

    private func strategy(_ node: JSONNode?, among known: [String]) {
        guard let node, !known.contains(node.value.stringValue ?? "") else { return }
        let word = node.value.stringValue ?? node.value.serialized()
        problems.report(
            node,
            "\"\(word)\" is not a strategy",
            Spelling.advice(for: word, among: known, kind: "strategies")
        )
    }
}
