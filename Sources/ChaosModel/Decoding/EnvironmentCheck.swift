package import JSON

/// What this machine has, as far as an experiment may ask for it.
package struct ExecutionEnvironment: Sendable {
    /// The value of an environment variable; `nil` when it is not set.
    package var variable: @Sendable (String) -> String?
    /// Whether a path, or a name on the search path, is a program.
    package var hasProgram: @Sendable (String) -> Bool

    package init(
        variable: @escaping @Sendable (String) -> String?,
        hasProgram: @escaping @Sendable (String) -> Bool
    ) {
        self.variable = variable
        self.hasProgram = hasProgram
    }
}

/// Finds what a valid file needs and this machine does not have.
///
/// The Chaos Toolkit mixes both; here a file can be valid on a machine that cannot run it.
package enum EnvironmentCheck {
    /// Warnings of the aspect `environment`, sorted by position: the file itself is not wrong.
    package static func problems(
        of document: JSONDocument,
        in environment: ExecutionEnvironment
    ) -> [Problem] {
        guard let root = document.root else { return [] }
        let problems = ProblemCollector(document: document)
        let check = Check(problems: problems, environment: environment)
        for member in root["configuration"]?.members ?? [] {
            check.variable(member.node, allowsDefault: true)
        }
        for group in root["secrets"]?.members ?? [] {
            for member in group.node.members { check.variable(member.node, allowsDefault: false) }
        }
        let lists = [
            root["method"], root["rollbacks"], root["steady-state-hypothesis"]?["probes"],
        ]
        for step in lists.compactMap(\.self).flatMap(\.elements) { check.program(step) }
        return problems.problems.filter { $0.aspect == .environment }.sortedByPosition
    }

    private struct Check {
        let problems: ProblemCollector
        let environment: ExecutionEnvironment

        func variable(_ node: JSONNode, allowsDefault: Bool) {
            guard node["type"]?.value == "env", let key = node["key"]?.value.stringValue,
                !(allowsDefault && node["default"] != nil), environment.variable(key) == nil
            else { return }
            problems.report(
                node["key"] ?? node,
                "the environment variable \(key) is not set",
                allowsDefault ? "Set it, or add a \"default\"." : "Set it before the run.",
                severity: .warning,
                aspect: .environment
            )
        }

        func program(_ step: JSONNode) {
            guard let provider = step["provider"], provider["type"]?.value == "process",
                let node = provider["path"], let path = node.value.stringValue, !path.isEmpty,
                !environment.hasProgram(path)
            else { return }
            problems.report(
                node,
                "the program \(path) cannot be found",
                "Install it, or give its whole path.",
                severity: .warning,
                aspect: .environment
            )
        }
    }
}
