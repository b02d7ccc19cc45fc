import BundledPlugins
import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosRunner
import EventLoop
import Glibc
import JSON
import LinuxSystem
import RunnerFixtures

// A small program that the runner's tests start and kill: the runner and the guardian with a fault
// that leaves a marker in a file. The ledger is where CHAOS_STATE_DIR says.
//
//     runner-host run OUTPUT MARKER HOLD-MS [KILL-AT]
//     runner-host fault OUTPUT SPECIFICATION     a fault of a real plugin, see FaultSpecification
//     runner-host guardian --run ID
@main
enum RunnerHost {
    static func main() {
        let words = CommandLine.arguments
        do {
            switch words.dropFirst().first {
            case "guardian" where words.count == 4: exit(try guardian(words[3]))
            case "run" where words.count >= 5: exit(try run(words))
            case "fault" where words.count == 4: exit(try fault(words[2], words[3]))
            default: exit(64)
            }
        } catch {
            say("\(error)", to: "/dev/stderr")
            exit(70)
        }
    }

    private static func say(_ text: String, to path: String) {
        try? AppendFile(path).append(Array((text + "\n").utf8))
    }

    private static func guardian(_ runID: String) throws -> Int32 {
        try Loop.main {
            let options = Guardian.Options(runID: runID, plugins: [MarkerPlugin()] + bundledPlugins)
            {
                say("ready", to: "/dev/stdout")
            }
            return try await Guardian.run(options) ? 0 : 4
        }
    }

    private static func run(_ words: [String]) throws -> Int32 {
        let killAt = words.count > 5 ? KillPoint(rawValue: words[5]) : nil
        let (output, marker) = (words[2], words[3])
        let hold = Duration.milliseconds(Int64(words[4]) ?? 0)
        return try Loop.main {
            var options = ExperimentRunner.Options(
                plugins: [MarkerPlugin(mayKill: true)],
                output: output,
                guardian: [executablePath(), "guardian"],
                toolVersion: "test"
            )
            options.signals = try SignalSource.on([SIGINT, SIGTERM])
            let outcome = try await ExperimentRunner(options).run(
                experiment: ["title": "Markers"],
                plan: MarkerPlan.plan(path: marker, hold: hold, killAt: killAt)
            )
            guard outcome.left.isEmpty else { return 4 }
            return outcome.reason == .interrupted ? 130 : 0
        }
    }

    private static func fault(_ output: String, _ file: String) throws -> Int32 {
        let specification = try FaultSpecification(
            json: try JSONValue.parse(try SystemFiles.read(file))
        )
        var plugins = bundledPlugins
        if let point = specification.killAt {
            plugins = plugins.map {
                KillingPlugin($0, at: point, specification.victims, note: file + ".killed")
            }
        }
        let plan = try specification.plan(plugins)
        let chosen = plugins
        return try Loop.main {
            var options = ExperimentRunner.Options(
                plugins: chosen,
                output: output,
                guardian: [executablePath(), "guardian"],
                toolVersion: "test"
            )
            options.allowsHost = true
            options.system = specification.system.map { KnownSystem(system: $0) }
            options.signals = try SignalSource.on([SIGINT, SIGTERM])
            let outcome = try await ExperimentRunner(options).run(
                experiment: ["title": "Crash"],
                plan: plan
            )
            return outcome.left.isEmpty ? 0 : 4
        }
    }
}

/// A system that the test started.
private struct KnownSystem: SystemProvider {
    let system: SystemDescription

    func start(
        runID: String,
        progress: @escaping @Sendable (String) -> Void
    ) async throws -> SystemDescription { system }

    func stop() async {}
}
