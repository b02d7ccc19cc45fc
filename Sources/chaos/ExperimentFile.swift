import BundledPlugins
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import CommandLine
import JSON
import LinuxSystem
import ShopCore
import ShopSupervisor

/// From the path of an experiment to a plan, with every mistake told on the way.
struct ExperimentFile: CheckedFile {
    /// As the user wrote it.
    var name: String
    var experiment: Experiment?
    var plan: Plan?
    var problems: [Problem]
    /// The problems as text, with the offending lines.
    var rendered: String

    /// Reads, decodes and plans a file; the problems of both are collected.
    ///
    /// Throws `Failure` (status 64) when the file cannot be read.
    static func check(_ path: String, seed: UInt64? = nil) throws -> ExperimentFile {
        let bytes = try read(path)
        let document = JSONDocument(file: path, bytes: bytes)
        let (experiment, found) = ExperimentDecoder.decode(document)
        var problems = found
        var plan: Plan?
        // A file with mistakes is planned as far as it goes, to tell those of its plugins as well.
        if let experiment = experiment ?? ExperimentDecoder.draft(document) {
            let planned = Planner.plan(
                experiment,
                file: path,
                bytes: bytes,
                system: found.hasErrors ? try? system(of: experiment) : try system(of: experiment),
                plugins: bundledPlugins.map(\.manifest),
                seed: seed ?? experiment.seed ?? SystemFiles.randomSeed(),
                configuration: try? ConfigurationResolver.configuration(
                    experiment.configuration,
                    variable: Environment.get
                )
            )
            problems += planned.problems.withoutConsequences(of: found)
            problems += shopProblems(experiment, document)
            plan = found.hasErrors ? nil : planned.plan
        }
        problems += EnvironmentCheck.problems(of: document, in: .here)
        problems = problems.sortedByPosition
        return ExperimentFile(
            name: path,
            experiment: experiment,
            plan: plan,
            problems: problems,
            rendered: ProblemRenderer.render(problems, sources: [path: bytes])
        )
    }

    /// A valid file and its plan.
    ///
    /// Throws `Failure` (status 64) with every mistake when it is not valid.
    static func plan(
        _ path: String,
        seed: UInt64?
    ) throws -> (experiment: Experiment, plan: Plan) {
        let file = try check(path, seed: seed)
        guard file.isValid, let experiment = file.experiment, let plan = file.plan else {
            throw Failure(
                "\(path) is not a valid experiment; nothing was run.\n\n" + file.rendered,
                status: ExitStatus.usage
            )
        }
        return (experiment, try onThisMachine(plan, try system(of: experiment)))
    }

    /// Finds out by what each fault would work on this machine, and whether it would hit more of
    /// it than its target.
    ///
    /// Throws `Failure` (status 64) when nothing here can do it.
    private static func onThisMachine(
        _ plan: Plan,
        _ system: SystemDescription?
    ) throws -> Plan {
        var plan = plan
        for (index, planned) in plan.steps.enumerated() where planned.isFault {
            let (provider, function) = (planned.step.provider, planned.function.name)
            let plugin = bundledPlugins.first { $0.manifest.name == provider.type }
            var context = StepContext(
                runID: "plan",
                arguments: provider.arguments,
                seed: planned.seed
            )
            (context.target, context.system) = (planned.target, system)
            do {
                plan.steps[index].backend = try plugin?.backend(of: function, provider.arguments)
            } catch {
                throw Failure(
                    "\(plan.file) cannot run here: \(planned.step.name): \(error)",
                    status: ExitStatus.usage
                )
            }
            // What cannot be found out before the run is found out in it.
            plan.steps[index].hostReach = try? plugin?.hostReach(of: function, context)
        }
        return plan
    }

    /// Refuses a plan that hits this host itself.
    ///
    /// Throws `Failure` (status 64).
    static func checkHost(_ plan: Plan) throws {
        for planned in plan.steps {
            guard let why = planned.hostReach else { continue }
            throw Failure(
                "\(plan.file) would hit this host itself; nothing was run.\n"
                    + "  \(planned.step.name): \(why).\n"
                    + "Run with --allow-host if that is meant.",
                status: ExitStatus.usage
            )
        }
    }

    /// The `--seed` of a command line.
    static func seed(of invocation: Invocation) throws -> UInt64? {
        guard let word = invocation.value("seed") else { return nil }
        guard let seed = UInt64(word) else {
            throw UsageError(
                path: invocation.path,
                message:
                    "--seed takes a whole number from 0 to 18446744073709551615, not '\(word)'."
            )
        }
        return seed
    }

    /// The description against which targets are resolved: the bundled shop's, or the file that is
    /// named.
    static func system(of experiment: Experiment) throws -> SystemDescription? {
        switch experiment.system {
        case nil: nil
        case "shop", "shop-netns":
            ShopTopology.description(
                fleet: ShopFleet(
                    replicas: fleet(experiment.replicas).counts,
                    broker: experiment.broker.flatMap(BrokerChoice.init) ?? .postgres
                )
            )
        case let path?:
            try SystemDescription(json: JSONValue.parse(read(path)))
        }
    }

    /// The roles that an experiment gives more instances, and what is wrong with the names.
    ///
    /// Numbers out of range were told by the decoder and count as one.
    static func fleet(
        _ replicas: [String: Int]
    ) -> (counts: [ShopRole: Int], unknown: [(name: String, remedy: String)]) {
        var counts: [ShopRole: Int] = [:]
        var unknown: [(name: String, remedy: String)] = []
        let known = ShopRole.allCases.map(\.rawValue)
        for (name, number) in replicas {
            guard known.contains(name), let role = ShopRole(rawValue: name) else {
                let remedy = ChaosModel.Spelling.advice(for: name, among: known, kind: "services")
                unknown.append((name, remedy))
                continue
            }
            counts[role] = (1...ShopInstance.numberMax).contains(number) ? number : 1
        }
        return (counts, unknown)
    }

    /// The databases that get a file system of their own, and what is wrong with names and sizes.
    static func disks(
        _ sizes: [String: String]
    ) -> (disks: [ShopDatabase: Int64], mistakes: [DiskMistake]) {
        var disks: [ShopDatabase: Int64] = [:]
        var mistakes: [DiskMistake] = []
        let known = ShopDatabase.allCases.map(\.rawValue)
        for (name, size) in sizes {
            guard let database = ShopDatabase(rawValue: name) else {
                let remedy = ChaosModel.Spelling.advice(for: name, among: known, kind: "services")
                mistakes.append(
                    .init(name, "the shop has no database of \"\(name)\"", remedy)
                )
                continue
            }
            let quantity = try? Quantity(parsing: size)
            guard let quantity, quantity.unit == .bytes, diskSizes.contains(quantity.value) else {
                mistakes.append(
                    .init(name, "\"\(size)\" is no size for a database", "Use 128MiB to 8GiB.")
                )
                continue
            }
            disks[database] = Int64(quantity.value)
        }
        return (disks, mistakes)
    }

    /// What is wrong with the disk of a database.
    struct DiskMistake {
        var name: String
        var message: String
        var remedy: String

        init(_ name: String, _ message: String, _ remedy: String) {
            (self.name, self.message, self.remedy) = (name, message, remedy)
        }
    }

    /// Bytes; less would not hold a fresh database with its log.
    private static let diskSizes = Double(128 << 20)...Double(8 << 30)

    /// What of `"replicas"`, `"disks"` and `"broker"` cannot be started.
    private static func shopProblems(
        _ experiment: Experiment,
        _ document: JSONDocument
    ) -> [Problem] {
        let problems = ProblemCollector(document: document)
        let isShop = experiment.system == "shop" || experiment.system == "shop-netns"
        if !experiment.replicas.isEmpty, !isShop {
            problems.report(
                path: "replicas",
                "only the bundled shop is started with several instances",
                "Add \"system\": \"shop\", or leave \"replicas\" out."
            )
        }
        if !experiment.disks.isEmpty, !isShop {
            problems.report(
                path: "disks",
                "only databases of the bundled shop get a file system of their own",
                "Add \"system\": \"shop\", or leave \"disks\" out."
            )
        }
        if experiment.broker != nil, !isShop {
            problems.report(
                path: "broker",
                "only the bundled shop has a broker to choose",
                "Add \"system\": \"shop\", or leave \"broker\" out."
            )
        }
        for mistake in disks(experiment.disks).mistakes {
            problems.report(
                path: JSONNode.path("disks", member: mistake.name),
                mistake.message,
                mistake.remedy
            )
        }
        for (name, remedy) in fleet(experiment.replicas).unknown {
            problems.report(
                namePath: JSONNode.path("replicas", member: name),
                "the shop has no service \"\(name)\"",
                remedy
            )
        }
        return problems.problems
    }

    /// The bytes of a file; '-' is stdin.
    ///
    /// Throws `Failure` (status 64).
    static func read(_ path: String) throws -> [UInt8] {
        do {
            return try SystemFiles.read(path == "-" ? "/dev/stdin" : path)
        } catch {
            throw Failure("\(error)", status: ExitStatus.usage)
        }
    }
}
