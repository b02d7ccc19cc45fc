import ChaosGate
import CommandLine
import EventLoop

/// `chaos gate`: many experiments, one answer for a release.
enum GateCommand {
    static let command = Command(
        "gate",
        summary: "run a suite of experiments and let a release through or not",
        discussion: """
            PATH is a directory of experiments, a suite file or one experiment. Every file is \
            checked before the first one runs. Experiments run in order; those that share a \
            system or a declared conflict never run at the same time. An inconclusive run is \
            repeated, and reported as repeated; a deviation never is.

            With --baseline, figures (latency, success, time to recover) that became worse than \
            the file's tolerances allow make an experiment 'regressed'.

            Exit status: 0 passed; else the worst failure: 4 undo incomplete, 130 interrupted, 70 \
            internal fault, 1 deviated or regressed, 3 aborted, 2 inconclusive or not run, 64 \
            invalid experiment or usage. Undo incomplete, internal faults and interruption fail \
            every gate.
            """,
        arguments: [Argument("PATH", "A directory, a suite file or an experiment.")],
        options: files + choices + RunFlags.options + limits,
        examples: [
            Example(
                "chaos gate experiments/ --junit gate.xml --markdown gate.md",
                "Gate a release on every experiment of a directory."
            ),
            Example(
                "chaos gate experiments/ --baseline main.json --fail-on deviated,regressed",
                "Compare with the main branch; let inconclusive runs pass."
            ),
        ],
        action: { invocation in
            let request = try GateRequest(invocation)
            return try Loop.main { try await GateRun(request).perform() }
        }
    )

    private static let files = [
        Option("baseline", value: "FILE", "Compare with this baseline."),
        Option(
            "write-baseline",
            value: "FILE",
            "Write the results as the next baseline (tolerances are kept)."
        ),
        Option("junit", value: "FILE", "Write JUnit XML: a case for each promise."),
        Option("markdown", value: "FILE", "Write a summary for a CI step or a pull request."),
        Option("output", value: "DIR", "Where runs are kept.", defaultText: "runs"),
        Option("json", "Print the judgement as one JSON document on stdout."),
        Option("quiet", short: "q", "Only the last line."),
    ]

    private static let choices = [
        Option(
            "fail-on",
            value: "LIST",
            "Outcomes that fail the gate, with commas: deviated, regressed, inconclusive, "
                + "aborted, not-run.",
            defaultText: "all of them"
        ),
        Option("fail-fast", "Start nothing more after the first failure."),
        Option("tag", value: "TAG", "Only experiments with this tag.", isRepeatable: true),
        Option("skip-tag", value: "TAG", "No experiments with this tag.", isRepeatable: true),
        Option("seed", value: "N", "One seed for every experiment.", defaultText: "the files'"),
        Option(
            "annotations",
            value: "SERVICE",
            "Print annotations for a CI service.",
            defaultText: "found by its environment variable",
            choices: GateAnnotations.allCases.map(\.rawValue)
        ),
    ]

    private static let limits = [
        Option(
            "retries",
            value: "N",
            "How often an inconclusive run is repeated, 0 to 5.",
            defaultText: "1"
        ),
        Option(
            "budget",
            value: "DURATION",
            "Start nothing after this time and interrupt what runs, e.g. 20m.",
            defaultText: "none"
        ),
        Option(
            "parallel",
            value: "N",
            "How many may run at the same time, 1 to 16.",
            defaultText: "1"
        ),
        Option(
            "expire-days",
            value: "N",
            "A baseline result older than this counts less when its experiment did not run.",
            defaultText: "30"
        ),
    ]
}
