package import JSON

/// Reads an experiment file: ours (`"chaos": 1`) or the Chaos Toolkit's.
package enum ExperimentDecoder {
    /// Reads a file and reports every mistake of its format, sorted by position.
    ///
    /// `experiment` is `nil` when one of the problems is an error. What a file needs of the machine
    /// is the business of `EnvironmentCheck`, and what it needs of plugins and the system that of
    /// the planner.
    package static func decode(
        file: String,
        bytes: [UInt8]
    ) -> (experiment: Experiment?, problems: [Problem]) {
        decode(JSONDocument(file: file, bytes: bytes))
    }

    /// Reads a file whose text is already a tree.
    package static func decode(
        _ document: JSONDocument
    ) -> (experiment: Experiment?, problems: [Problem]) {
        let problems = ProblemCollector(document: document)
        guard let root = document.root else { return (nil, problems.problems) }
        let isOurs = root["chaos"] != nil
        if isOurs {
            SchemaValidator(problems: problems).check(root, .object(ExperimentSchema.experiment))
            let rules = ChaosToolkitRules(problems)
            rules.references(root)
            rules.runtime(root["runtime"])
        } else {
            ChaosToolkitRules(problems).experiment(root)
        }
        let sorted = problems.problems.sortedByPosition
        guard !sorted.hasErrors else { return (nil, sorted) }
        return (ExperimentBuilder(root: root, isOurs: isOurs).experiment(), sorted)
    }

    /// What can be read of one of our files in spite of its mistakes; only good for finding more of
    /// them.
    ///
    /// `nil` for a Chaos Toolkit file, and for a text that is no object.
    package static func draft(_ document: JSONDocument) -> Experiment? {
        guard let root = document.root, root["chaos"] != nil else { return nil }
        return ExperimentBuilder(root: root, isOurs: true).experiment()
    }

    /// Reads one step of ours that stands in a file of another kind; good only for a node without
    /// mistakes.
    package static func step(_ node: JSONNode) -> Step {
        ExperimentBuilder(root: node, isOurs: true).step(node)
    }
}

extension ChaosToolkitRules {
    /// Checks that the references of one of our files lead to a step.
    fileprivate func references(_ root: JSONNode) {
        let known = ActivityReferences(root: root)
        let lists = [
            root["method"], root["rollbacks"], root["steady-state-hypothesis"]?["probes"],
            root["abort-when"],
        ]
        for step in lists.compactMap(\.self).flatMap(\.elements) {
            guard let node = step["ref"], let name = node.value.stringValue,
                known.target(of: name) == nil
            else { continue }
            problems.report(
                node,
                "the step \"\(name)\" could not be found",
                Spelling.advice(for: name, among: known.names, kind: "steps")
            )
        }
    }
}
