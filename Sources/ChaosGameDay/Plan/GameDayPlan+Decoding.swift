package import ChaosModel
package import JSON

extension GameDayPlan {
    /// Whether a document means to be a plan: `"chaos-gameday": 1`.
    package static func isPlan(_ document: JSONDocument) -> Bool {
        document.root?["chaos-gameday"] != nil
    }

    /// Reads a plan and reports every mistake of its format, sorted by position.
    ///
    /// Experiments are relative to `directory`, the plan's own. What the experiments themselves say
    /// is the business of the program, which can open them.
    package static func decode(
        _ document: JSONDocument,
        directory: String
    ) -> (plan: GameDayPlan?, problems: [Problem]) {
        let problems = ProblemCollector(document: document)
        guard let root = document.root else { return (nil, problems.problems) }
        SchemaValidator(problems: problems).check(root, .object(GameDaySchema.plan))
        GameDayRules(problems: problems).check(root)
        let found = problems.problems.sortedByPosition
        guard !found.hasErrors else { return (nil, found) }
        let reader = GameDayReader(file: document.file, directory: directory)
        return (reader.plan(root), found)
    }

    /// What can be read of a plan that was valid when it was written into a journal.
    package static func restored(
        _ document: JSONValue,
        file: String,
        directory: String
    ) -> GameDayPlan? {
        let bytes = Array(document.serialized().utf8)
        return decode(JSONDocument(file: file, bytes: bytes), directory: directory).plan
    }
}

/// What tables cannot say.
private struct GameDayRules {
    let problems: ProblemCollector

    func check(_ root: JSONNode) {
        if let node = root["date"], let text = node.value.stringValue, !Self.isDate(text) {
            problems.report(node, "\"\(text)\" is no date", "Write it as 2026-12-04.")
        }
        bound(root["checks"], GameDayPlan.checksMaximum, "checks")
        bound(root["rounds"], GameDayPlan.roundsMaximum, "rounds")
        if let rounds = root["rounds"], rounds.value.arrayValue?.isEmpty == true {
            problems.report(
                rounds,
                "the day has no round",
                "Add {\"title\": …, \"experiment\": …}."
            )
        }
        for node in root["checks"]?.elements ?? [] {
            one(of: ["ask", "provider"], in: node, "a check is a question or a probe")
            tolerance(node)
        }
        for node in root["rounds"]?.elements ?? [] {
            one(
                of: ["experiment", "manual"],
                in: node,
                "a round is an experiment or a manual step"
            )
        }
        for node in root["abort-rules"]?.elements ?? [] {
            one(of: ["after", "provider"], in: node, "a rule looks at outcomes or at a probe")
            tolerance(node)
        }
        titles(root["rounds"]?.elements ?? [])
    }

    private static func isDate(_ text: String) -> Bool {
        text.utf8.count == 10 && Timestamp(rfc3339: text + "T00:00:00Z") != nil
    }

    private func bound(_ node: JSONNode?, _ maximum: Int, _ kind: String) {
        guard let node, node.elements.count > maximum else { return }
        let count = node.elements.count
        problems.report(node, "\(count) \(kind) are too many", "Use at most \(maximum).")
    }

    private func one(of names: [String], in node: JSONNode, _ rule: String) {
        guard node.value.objectValue != nil else { return }
        let found = names.filter { node[$0] != nil }
        // A misspelt name is told once, as such.
        let isMisspelt = node.members.contains { member in
            Spelling.nearest(to: member.name, among: names).map { $0 != member.name } ?? false
        }
        guard found.count != 1, !(found.isEmpty && isMisspelt) else { return }
        problems.report(
            node,
            rule,
            "Give either \"\(names[0])\" or \"\(names[1])\"\(found.isEmpty ? "" : ", not both")."
        )
    }

    private func tolerance(_ node: JSONNode) {
        guard node["provider"] != nil, node["tolerance"] == nil else { return }
        problems.report(
            node,
            "\"tolerance\" is missing",
            "Add \"tolerance\": the test that the probe's value must pass."
        )
    }

    private func titles(_ rounds: [JSONNode]) {
        var seen: Set<String> = []
        for node in rounds {
            guard let title = node["title"], let text = title.value.stringValue,
                !seen.insert(text).inserted
            else { continue }
            problems.report(
                title,
                "there is another round \"\(text)\"",
                "Give each round a title of its own: people talk about rounds by title."
            )
        }
    }
}

/// Turns a file without mistakes into a plan.
private struct GameDayReader {
    let file: String
    let directory: String

    func plan(_ root: JSONNode) -> GameDayPlan {
        var plan = GameDayPlan(
            file: file,
            title: text(root["title"]) ?? "",
            description: text(root["description"]) ?? "",
            document: root.value
        )
        plan.date = text(root["date"])
        plan.system = text(root["system"])
        plan.roles = elements(root["roles"]).map { node in
            .init(
                role: text(node["role"]) ?? "",
                person: text(node["person"]) ?? "",
                duty: text(node["duty"])
            )
        }
        plan.systems = elements(root["systems"]).map { node in
            .init(
                name: text(node["name"]) ?? "",
                owner: text(node["owner"]),
                link: text(node["link"])
            )
        }
        plan.channels = elements(root["communication"]).map { node in
            .init(channel: text(node["channel"]) ?? "", purpose: text(node["purpose"]) ?? "")
        }
        plan.checks = elements(root["checks"]).map(check)
        plan.rounds = elements(root["rounds"]).map(round)
        plan.rules = elements(root["abort-rules"]).map(rule)
        return plan
    }

    private func check(_ node: JSONNode) -> GameDayPlan.Check {
        let name = text(node["name"]) ?? ""
        if let question = text(node["ask"]) { return .init(name: name, kind: .question(question)) }
        return .init(name: name, kind: .probe(step(node), document(node)))
    }

    private func round(_ node: JSONNode) -> GameDayPlan.Round {
        let work: GameDayPlan.Round.Work =
            text(node["experiment"]).map { .experiment(path($0)) }
            ?? .manual(text(node["manual"]) ?? "")
        var round = GameDayPlan.Round(
            title: text(node["title"]) ?? "",
            work: work,
            timeBox: duration(node["time-box"]) ?? .seconds(60)
        )
        round.hypothesis = text(node["hypothesis"])
        round.signals = elements(node["signals"]).compactMap(\.value.stringValue)
        round.runbook = text(node["runbook"])
        round.seed = node["seed"]?.value.integerValue.map { UInt64(clamping: $0) }
        return round
    }

    private func rule(_ node: JSONNode) -> GameDayPlan.AbortRule {
        let name = text(node["name"]) ?? ""
        if let after = node["after"] {
            let words = after.elements.compactMap(\.value.stringValue)
            return .init(
                name: name,
                trigger: .outcome(Set(words.compactMap(RoundOutcome.init(rawValue:))))
            )
        }
        var condition = AbortCondition(probe: step(node))
        if let period = duration(node["period"]) { condition.period = period }
        return .init(name: name, trigger: .probe(condition, document(node)))
    }

    private func step(_ node: JSONNode) -> Step {
        var step = ExperimentDecoder.step(node)
        step.kind = .probe
        return step
    }

    /// The probe as an experiment writes it.
    private func document(_ node: JSONNode) -> JSONValue {
        var object = node.value.objectValue ?? [:]
        object["type"] = "probe"
        return .object(object)
    }

    private func elements(_ node: JSONNode?) -> [JSONNode] { node?.elements ?? [] }

    private func text(_ node: JSONNode?) -> String? { node?.value.stringValue }

    private func duration(_ node: JSONNode?) -> Duration? {
        switch node?.value {
        case .string(let text)?: try? Duration(parsing: text)
        case let value?: value.doubleValue.map { .milliseconds(Int64($0 * 1000)) }
        case nil: nil
        }
    }

    private func path(_ file: String) -> String {
        guard !file.hasPrefix("/"), !directory.isEmpty, directory != "." else { return file }
        var parts = directory.split(separator: "/", omittingEmptySubsequences: false)
        var rest = file.split(separator: "/")[...]
        // `gamedays/../experiments/a.json` reads better, and names runs better, without the detour.
        while let first = rest.first, first == ".." || first == ".", let last = parts.last,
            last != "..", !last.isEmpty, last != "."
        {
            rest = rest.dropFirst()
            if first == ".." { parts.removeLast() }
        }
        return (parts + rest).joined(separator: "/")
    }
}
