import BundledPlugins
import ChaosRunner
import CommandLine
import EventLoop

/// `chaos guardian`: started by `chaos run`, never by hand.
enum GuardianCommand {
    static let command = Command(
        "guardian",
        summary: "revert a run's faults when its runner dies (started by 'chaos run')",
        options: [Option("run", value: "ID", "The run to look after.")],
        isHidden: true,
        action: { invocation in
            guard let runID = invocation.value("run") else {
                throw UsageError(path: invocation.path, message: "--run ID is missing.")
            }
            return try Loop.main {
                let options = Guardian.Options(runID: runID, plugins: bundledPlugins) {
                    Console.answer("ready")
                }
                let isClean = try await Guardian.run(options)
                return isClean ? ExitStatus.held : ExitStatus.undoIncomplete
            }
        }
    )
}
