import CommandLine
import EventLoop

/// `chaos run`: experiment in, verdict out.
enum RunCommand {
    static let command = Command(
        "run",
        summary: "run one experiment and judge it",
        discussion: """
            Starts the system that the experiment names when none runs (and stops what it \
            started), sends the load, checks the steady state, injects the faults, undoes them, \
            and judges from the journal. The last lines are the verdict and the path of the report.

            Ctrl-C reverts every fault and exits 130; a second one stops waiting and prints the \
            line that recovers. If chaos itself is killed, its guardian reverts within 2 s.

            Exit status: 0 held, 1 deviated or an invariant violated, 2 inconclusive, 3 aborted, \
            4 undo incomplete, 64 invalid experiment, 70 internal fault, 130/143 interrupted and \
            clean.
            """,
        arguments: [Argument("FILE", "An experiment; '-' reads stdin.")],
        options: RunFlags.options + [
            Option(
                "seed",
                value: "N",
                "The seed that decides arrivals, targets and jitter.",
                defaultText: "the experiment's, else a random one, recorded in the journal"
            ),
            Option("output", value: "DIR", "Where runs are kept.", defaultText: "runs"),
            Option(
                "webhook",
                value: "URL",
                "POST the start, an abort and the end of the run to this http:// address.",
                isRepeatable: true
            ),
            Option("json", "Print the verdict as one JSON document on stdout."),
            Option("quiet", short: "q", "No progress, only the verdict."),
        ],
        examples: [
            Example(
                "chaos run experiments/lost-commit-ack.json",
                "Does the shop charge once when COMMIT acknowledgements are lost?"
            ),
            Example(
                "chaos run experiments/lost-commit-ack.json --mutant retry-without-key",
                "The same on a shop that is broken: the verdict must be 'deviated'."
            ),
        ],
        action: { invocation in
            let request = try RunRequest(invocation)
            return try Loop.main { try await ExperimentRun(request).perform() }
        }
    )
}
