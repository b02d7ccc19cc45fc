package import ChaosModel
package import JSON

/// The experiments of a gate, in the order in which they are written.
package struct GateSuite: Sendable, Equatable {
    package var entries: [GateEntry]

    package init(entries: [GateEntry]) {
        self.entries = entries
    }

    /// More experiments than this are no suite.
    package static let entriesMaximum = 1_000

    /// Whether a document is a suite: `"chaos-suite": 1`.
    package static func isSuite(_ document: JSONDocument) -> Bool {
        document.root?["chaos-suite"] != nil
    }

    /// Reads a suite file and reports every mistake.
    ///
    /// `{"chaos-suite": 1, "experiments": ["a.json", {"file", "weight", "conflicts", "seed"}]}`;
    /// files are relative to `directory`, the suite's own.
    package static func decode(
        _ document: JSONDocument,
        directory: String
    ) -> (suite: GateSuite?, problems: [Problem]) {
        let problems = ProblemCollector(document: document)
        guard let root = document.root else { return (nil, problems.problems) }
        let reader = Reader(problems: problems, directory: directory)
        let entries = reader.entries(root)
        let found = problems.problems.sortedByPosition
        return (found.hasErrors ? nil : GateSuite(entries: entries), found)
    }

    private struct Reader {
        let problems: ProblemCollector
        let directory: String

        func entries(_ root: JSONNode) -> [GateEntry] {
            if root["chaos-suite"]?.value != 1 {
                problems.report(
                    root["chaos-suite"] ?? root,
                    "this is not a suite of version 1",
                    "Write \"chaos-suite\": 1."
                )
            }
            names(of: root, among: ["chaos-suite", "title", "description", "experiments"])
            guard let list = root["experiments"], !list.elements.isEmpty else {
                problems.report(
                    root["experiments"] ?? root,
                    "the suite names no experiment",
                    "Add \"experiments\": [\"experiments/a.json\", …]."
                )
                return []
            }
            guard list.elements.count <= GateSuite.entriesMaximum else {
                problems.report(
                    list,
                    "\(list.elements.count) experiments are too many",
                    "Split the suite: at most \(GateSuite.entriesMaximum)."
                )
                return []
            }
            return list.elements.compactMap(entry)
        }

        private func entry(_ node: JSONNode) -> GateEntry? {
            if let file = node.value.stringValue { return GateEntry(file: path(file)) }
            guard node.value.objectValue != nil else {
                problems.report(
                    node,
                    "\(node.value.kindInWords) is not an experiment",
                    "Write a path, or {\"file\": …, \"weight\": 2, \"conflicts\": [\"host\"]}."
                )
                return nil
            }
            names(of: node, among: ["file", "weight", "conflicts", "seed"])
            guard let file = node["file"]?.value.stringValue else {
                problems.report(node, "\"file\" is missing", "Add the path of an experiment.")
                return nil
            }
            var entry = GateEntry(file: path(file))
            if let weight = node["weight"] {
                if let value = weight.value.doubleValue, value > 0, value <= 1_000 {
                    entry.weight = value
                } else {
                    problems.report(
                        weight,
                        "a weight must be a number above 0",
                        "Use 1 for an ordinary experiment, up to 1000."
                    )
                }
            }
            entry.conflicts = Set(node["conflicts"].map(words) ?? [])
            if let seed = node["seed"] {
                entry.seed = seed.value.integerValue.map { UInt64(clamping: $0) }
                if entry.seed == nil {
                    problems.report(seed, "a seed must be an integer", "Use 0 or more.")
                }
            }
            return entry
        }

        private func words(_ node: JSONNode) -> [String] {
            let words = node.elements.compactMap(\.value.stringValue)
            if words.count != node.elements.count || node.value.arrayValue == nil {
                problems.report(
                    node,
                    "conflicts must be an array of words",
                    "Name what the experiment needs for itself: [\"host-network\"]."
                )
            }
            return words
        }

        private func path(_ file: String) -> String {
            file.hasPrefix("/") || directory.isEmpty || directory == "."
                ? file : "\(directory)/\(file)"
        }

        private func names(of node: JSONNode, among known: [String]) {
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
}
