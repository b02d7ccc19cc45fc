import BundledPlugins
import ChaosGameDay
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import JSON
import LinuxSystem
import ShopSupervisor

/// From the path of a plan to a GameDay's plan, with every mistake of it and of its experiments.
struct GameDayFile: CheckedFile {
    /// As the user wrote it.
    var name: String
    var plan: GameDayPlan?
    var problems: [Problem]
    /// The problems as text, with the offending lines.
    var rendered: String

    /// Throws `Failure` (status 64) when the file cannot be read.
    static func check(_ path: String) throws -> GameDayFile {
        let bytes = try ExperimentFile.read(path)
        let document = JSONDocument(file: path, bytes: bytes)
        let directory = path == "-" ? "" : SystemFiles.parent(of: path)
        let (plan, found) = GameDayPlan.decode(document, directory: directory)
        var problems = found
        var sources = [path: bytes]
        if let plan {
            problems += probeProblems(plan, path, bytes)
            problems += roundProblems(plan, document, &sources)
        }
        // The plan's own mistakes first: those of experiments may follow from them.
        problems =
            problems.filter { $0.file == path }.sortedByPosition
            + problems.filter { $0.file != path }.sortedByPosition
        return GameDayFile(
            name: path,
            plan: problems.hasErrors ? nil : plan,
            problems: problems,
            rendered: ProblemRenderer.render(problems, sources: sources)
        )
    }

    /// A valid plan.
    ///
    /// Throws `Failure` (status 64) with every mistake when it is not valid.
    static func plan(_ path: String) throws -> GameDayPlan {
        let file = try check(path)
        guard let plan = file.plan else {
            throw Failure(
                "\(path) is not a valid GameDay; nothing was run.\n\n" + file.rendered,
                status: ExitStatus.usage
            )
        }
        return plan
    }

    /// The probes of checks and rules, held against their plugins like those of an experiment.
    private static func probeProblems(
        _ plan: GameDayPlan,
        _ path: String,
        _ bytes: [UInt8]
    ) -> [Problem] {
        var experiment = Experiment(title: plan.title, description: plan.description)
        experiment.formatVersion = 1
        experiment.system = plan.system
        experiment.hypothesis = Hypothesis(title: plan.title)
        for check in plan.checks {
            if case .probe(let step, _) = check.kind {
                experiment.hypothesis?.probes.append(step)
            }
        }
        for rule in plan.rules {
            if case .probe(let condition, _) = rule.trigger {
                experiment.abortWhen.append(condition)
            }
        }
        return Planner.plan(
            experiment,
            file: path,
            bytes: bytes,
            system: try? ExperimentFile.system(of: experiment),
            plugins: bundledPlugins.map(\.manifest),
            seed: 0
        ).problems
    }

    private static func roundProblems(
        _ plan: GameDayPlan,
        _ document: JSONDocument,
        _ sources: inout [String: [UInt8]]
    ) -> [Problem] {
        let collector = ProblemCollector(document: document)
        var found: [Problem] = []
        for (index, round) in plan.rounds.enumerated() {
            guard case .experiment(let path) = round.work else { continue }
            let place = "rounds[\(index)].experiment"
            guard SystemFiles.exists(path), let file = try? ExperimentFile.check(path) else {
                collector.report(
                    path: place,
                    "there is no experiment \(path)",
                    "Give its path from the plan's own directory."
                )
                continue
            }
            if !file.isValid {
                let count = file.problems.count { $0.severity == .error }
                collector.report(
                    path: place,
                    "the experiment \(path) has \(count) mistake\(count == 1 ? "" : "s")",
                    "They are told below."
                )
                sources[path] = try? SystemFiles.read(path)
                found += file.problems
            }
            if let plan = file.plan, plan.estimate > round.timeBox {
                collector.report(
                    path: "rounds[\(index)].time-box",
                    "the experiment takes at least \(plan.estimate.text), so it will be stopped",
                    "Give the round more time.",
                    severity: .warning
                )
            }
        }
        return collector.problems.filter { !document.problems.map(\.message).contains($0.message) }
            + found
    }
}

/// The experiments that a GameDay runs: its checks, and each round's with the day's abort rules.
enum GameDayExperiments {
    /// The probes of the checks as an experiment without a method; `nil` when there are none.
    static func checks(_ plan: GameDayPlan) -> JSONValue? {
        let probes = plan.checks.compactMap { check -> JSONValue? in
            if case .probe(_, let document) = check.kind { document } else { nil }
        }
        guard !probes.isEmpty else { return nil }
        var experiment: JSONObject = [
            "chaos": 1, "title": .string("Go or no-go: \(plan.title)"),
            "description": "The system is fit for the GameDay.",
            "steady-state-hypothesis": [
                "title": "The system is fit for the GameDay", "strategy": "before-method-only",
                "probes": .array(probes),
            ],
            "method": [],
        ]
        if let system = plan.system { experiment["system"] = .string(system) }
        return .object(experiment)
    }

    /// An experiment with the abort rules of the day beside its own.
    ///
    /// Throws `Failure` when the file cannot be read any more.
    static func round(_ path: String, _ plan: GameDayPlan) throws -> JSONValue {
        let bytes = try ExperimentFile.read(path)
        guard var experiment = try JSONValue.parse(bytes).objectValue else {
            throw Failure("\(path) is no experiment any more.", status: ExitStatus.usage)
        }
        let rules = plan.rules.compactMap { rule -> JSONValue? in
            if case .probe(_, let document) = rule.trigger { document } else { nil }
        }
        if !rules.isEmpty {
            let own = experiment["abort-when"]?.arrayValue ?? []
            experiment["abort-when"] = .array(own + rules)
        }
        return .object(experiment)
    }
}
