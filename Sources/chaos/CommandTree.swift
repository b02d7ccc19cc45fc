import CommandLine

/// Every verb of the program, in the order in which one meets them.
enum CommandTree {
    static let root: Command = Command(
        "chaos",
        summary: "fault injection for systems that move money",
        discussion: """
            When the network, the database, a process or the clock misbehaves: do customers still \
            get through, and is every customer charged exactly once? An experiment is one JSON \
            file; chaos runs it, undoes what it injected, and answers with evidence.

            Exit status: 0 held, 1 deviated, 2 inconclusive, 3 aborted, 4 undo incomplete, \
            64 wrong usage or invalid experiment, 70 internal fault, 130 interrupted and clean.
            """,
        options: [Option("version", "Print the version and exit.")],
        examples: [
            Example(
                "chaos run experiments/lost-commit-ack.json",
                "Lose COMMIT acknowledgements and see whether anyone pays twice."
            ),
            Example(
                "chaos proxy run --listen :6432 --upstream :5432 --protocol postgres",
                "Put a proxy that understands PostgreSQL before your database."
            ),
        ],
        subcommands: [
            RunCommand.command,
            ListCommand.command,
            InitCommand.command,
            ValidateCommand.command,
            PlanCommand.command,
            ReportCommand.command,
            HistoryCommand.command,
            GateCommand.command,
            GameDayVerb.command,
            ShopCommand.command,
            ProxyCommand.command,
            ClockCommand.command,
            StatusCommand.command,
            RecoverCommand.command,
            LeverCommand.command,
            PluginCommand.command,
            DoctorCommand.command,
            CompletionCommand.completion,
            CompletionCommand.man,
            GuardianCommand.command,
            PacketQueueCommand.command,
            FlushTraceCommand.command,
            ReferenceCommand.command,
        ]
    )
}
