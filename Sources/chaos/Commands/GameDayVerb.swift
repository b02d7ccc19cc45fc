import ChaosModel
import CommandLine
import EventLoop
import JSON

/// `chaos gameday`: people, a script, and a dashboard.
enum GameDayVerb {
    static let command = Command(
        "gameday",
        summary: "hold a GameDay: a script, people, a live dashboard",
        discussion: """
            Reads a plan, asks go or no-go, and leads through its rounds: each an experiment or a \
            step by hand, with predictions before and observations meanwhile. Everything that is \
            said and done is in the journal before it counts; the closing document is made of it.

            In the terminal type 'help' for the words. The dashboard is served on this machine \
            only; whoever has its address can conduct. STOP (and Ctrl-C) revert every fault.

            After a crash the same command, or --resume, goes on where the journal ends: the \
            round that was cut off is undone, marked as interrupted, and asked about.

            Exit status: 0 every round as believed, 1 a deviation, 2 inconclusive, stopped or \
            interrupted rounds, 3 aborted or no-go, 4 undo incomplete, 64 invalid plan.
            """,
        arguments: [Argument("PLAN", "A plan, such as gamedays/friday.json.", arity: .optional)],
        options: RunFlags.options + [
            Option("yes", "Nobody is asked: a rehearsal that goes from round to round."),
            Option("resume", value: "DIR", "Go on with the GameDay of this directory."),
            Option("no-dashboard", "Serve no page."),
            Option(
                "port",
                value: "N",
                "The page's port on 127.0.0.1, 0 to 65535.",
                defaultText: "0, a free one"
            ),
            Option("output", value: "DIR", "Where GameDays are kept.", defaultText: "runs"),
            Option("json", "Print the outcome as one JSON document on stdout."),
        ],
        examples: [
            Example(
                "chaos gameday gamedays/payments-bad-network.json",
                "Hold it, with people at the terminal and on the page."
            ),
            Example(
                "chaos gameday gamedays/payments-bad-network.json --yes",
                "Rehearse it: nobody is asked."
            ),
        ],
        subcommands: [validate],
        action: { invocation in
            let request = try GameDayRequest(invocation)
            return try Loop.main { try await GameDayRun(request).perform() }
        }
    )

    private static let validate = Command(
        "validate",
        summary: "check plans and their experiments, and tell every mistake",
        discussion: """
            Like 'chaos validate', for GameDays: each mistake of the plan and of the experiments \
            that it names, with its place and what to do. Touches nothing.
            """,
        arguments: [Argument("PLAN", "A plan; '-' reads stdin.", arity: .oneOrMore)],
        options: [Option("json", "Print one JSON document: {\"valid\", \"problems\"}.")],
        examples: [Example("chaos gameday validate gamedays/*.json", "Check every plan.")],
        action: { invocation in
            try invocation.arguments.map { try GameDayFile.check($0) }
                .answer(isJSON: invocation.has("json"))
        }
    )
}

/// What `chaos gameday` was asked for.
struct GameDayRequest {
    var file: String?
    var resume: String?
    var isRehearsal: Bool
    var hasDashboard: Bool
    var port: UInt16
    var flags: RunFlags
    var output: String
    var isJSON: Bool

    init(_ invocation: Invocation) throws {
        flags = try RunFlags(invocation)
        file = invocation.arguments.first
        resume = invocation.value("resume")
        guard (file == nil) != (resume == nil) else {
            throw UsageError(
                path: invocation.path,
                message: file == nil
                    ? "which GameDay? Give a PLAN, or --resume DIR."
                    : "give either a PLAN or --resume DIR, not both."
            )
        }
        isRehearsal = invocation.has("yes")
        hasDashboard = !invocation.has("no-dashboard")
        port = UInt16(try invocation.integer("port", in: 0...65_535) ?? 0)
        output = invocation.value("output") ?? "runs"
        isJSON = invocation.has("json")
    }
}
