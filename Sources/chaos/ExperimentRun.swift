import BundledPlugins
import ChaosModel
import ChaosPlan
import ChaosReport
import ChaosRunner
import ChaosVerdict
import EventLoop
import Glibc
import JSON
import LinuxSystem
import PostgresServer
import ShopCore
import ShopSupervisor

/// One `chaos run`: plan, perform, judge, report.
struct ExperimentRun {
    private let request: RunRequest

    init(_ request: RunRequest) {
        self.request = request
    }

    /// Returns the exit status.
    func perform() async throws -> Int32 {
        let (experiment, plan) = try ExperimentFile.plan(request.file, seed: request.seed)
        if !request.flags.allowsHost { try ExperimentFile.checkHost(plan) }
        HostFacts.raiseOpenFileLimit()
        let view = ProgressView(isQuiet: request.isQuiet)
        view.begin(plan.title, estimate: plan.estimate)
        var options = ExperimentRunner.Options(
            plugins: bundledPlugins,
            output: request.output,
            guardian: [executablePath(), "guardian"],
            toolVersion: Program.version
        )
        options.mutants = request.flags.mutants
        options.allowsHost = request.flags.allowsHost
        options.environment = Self.environment
        options.system = try await system(of: plan)
        options.traffic = ProxyTraffic()
        options.signals = try SignalSource.on([SIGINT, SIGTERM])
        let webhooks = try Webhooks(request.webhooks, file: request.file, title: plan.title)
        options.progress = { progress in
            view.show(progress)
            webhooks.take(progress)
        }
        options.giveUp = { line in
            Console.say("Stopped waiting. Undo what is left with:\n  \(line)")
            exit(ExitStatus.undoIncomplete)
        }
        let outcome: RunOutcome
        do {
            outcome = try await ExperimentRunner(options).run(experiment: experiment, plan: plan)
        } catch {
            await webhooks.close()
            throw error
        }
        view.end()
        let verdict = try conclude(outcome)
        await webhooks.end(verdict, report: "\(outcome.directory)/report.html")
        return verdict.exitStatus
    }

    /// Judges the journal, writes the verdict and the reports beside it, and says the last word.
    private func conclude(_ outcome: RunOutcome) throws -> Verdict {
        let report = try RunReport(path: outcome.journal)
        for (name, file) in [
            ("json", "verdict.json"), ("html", "report.html"), ("markdown", "report.md"),
            ("prometheus", "metrics.prom"), ("otlp", "trace.json"),
        ] {
            try SystemFiles.writeAtomically(
                "\(outcome.directory)/\(file)",
                report.rendered(as: name),
                mode: 0o644
            )
        }
        let path = "\(outcome.directory)/report.html"
        if request.isJSON {
            Console.answer(bytes: report.rendered(as: "json"))
            Console.say("report: \(path)")
        } else {
            Console.answer(bytes: report.rendered(as: "text"))
            Console.answer("report: \(path)")
        }
        if !outcome.left.isEmpty {
            Console.say("A FAULT IS STILL IN EFFECT. Run: \(executablePath()) recover")
        }
        return report.verdict
    }

    private func system(of plan: Plan) async throws -> (any SystemProvider)? {
        let replicas = ExperimentFile.fleet(plan.replicas).counts
        let disks = ExperimentFile.disks(plan.disks).disks
        let broker = plan.broker.flatMap(BrokerChoice.init) ?? .postgres
        switch plan.system {
        case nil:
            return nil
        case "shop":
            return ShopProvider(
                mutants: request.flags.mutants,
                replicas: replicas,
                disks: disks,
                broker: broker
            )
        case "shop-netns":
            return ShopProvider(
                mutants: request.flags.mutants,
                topology: .netns,
                replicas: replicas,
                disks: disks,
                broker: broker
            )
        case let path?:
            guard request.flags.mutants.isEmpty else {
                throw Failure(
                    "--mutant is for the bundled shop, and \(request.file) names the system "
                        + "\(path). Leave --mutant out.",
                    status: ExitStatus.usage
                )
            }
            return DescribedSystem(path: path)
        }
    }

    /// What the report tells of this machine.
    private static var environment: JSONObject {
        var facts: JSONObject = [
            "system": .string(HostFacts.distribution),
            "kernel": .string(HostFacts.kernelRelease),
            "processors": .integer(Int64(HostFacts.processorCount)),
            "memory": .string("\(HostFacts.memoryBytes >> 20) MiB"),
        ]
        if let binaries = try? PostgresBinaries.find() {
            facts["postgresql"] = .string(binaries.directory)
        }
        return facts
    }
}

/// A system that somebody else runs: its `system.json` is all we know of it.
struct DescribedSystem: SystemProvider {
    let path: String

    func start(
        runID: String,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> SystemDescription {
        try SystemDescription(json: JSONValue.parse(SystemFiles.read(path)))
    }

    func stop() async {}
}
