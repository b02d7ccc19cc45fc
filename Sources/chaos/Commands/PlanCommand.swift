import ChaosPlan
import CommandLine
import JSON
import LinuxSystem

/// `chaos plan`: what a run would do, without doing it.
enum PlanCommand {
    static let command = Command(
        "plan",
        summary: "print what a run would do, and touch nothing",
        discussion: """
            Prints the ordered steps, the targets that would be hit, and the bounds. Starts \
            nothing, connects to nothing, changes nothing.
            """,
        arguments: [Argument("FILE", "An experiment; '-' reads stdin.")],
        options: [
            Option("seed", value: "N", "The seed that decides arrivals, targets and jitter."),
            Option(
                "output",
                short: "o",
                value: "FILE",
                "Write the plan as JSON to a file ('-': stdout)."
            ),
            Option("json", "Print the plan as JSON."),
        ],
        examples: [
            Example(
                "chaos plan experiments/lost-commit-ack.json",
                "See the steps, the targets and the bounds."
            )
        ],
        action: { try run($0) }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let plan = try ExperimentFile.plan(
            invocation.arguments[0],
            seed: try ExperimentFile.seed(of: invocation)
        ).plan
        let text = plan.json.serialized(pretty: true) + "\n"
        switch invocation.value("output") {
        case "-":
            Console.answer(text, terminator: "")
            return ExitStatus.held
        case let path?:
            try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
            Console.say("The plan is in \(path).")
        case nil:
            break
        }
        if invocation.has("json") {
            Console.answer(text, terminator: "")
        } else {
            Console.answer(plan.lines.joined(separator: "\n"))
        }
        return ExitStatus.held
    }
}
