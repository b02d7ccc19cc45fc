import CommandLine
import ProcessTrace

/// `chaos flush-trace`: started by a fault, never by hand.
enum FlushTraceCommand {
    static let command = Command(
        "flush-trace",
        summary: "slow or fail the flushes of a process until standard input ends",
        options: [Option("options", value: "JSON", "Which process, and how.")],
        isHidden: true,
        action: { invocation in
            guard let options = invocation.value("options") else {
                throw UsageError(path: invocation.path, message: "--options JSON is missing.")
            }
            try FlushTraceProcess(options: options).run()
            return ExitStatus.held
        }
    )
}
