import CommandLine

/// `chaos validate`: every mistake of every file, at once.
enum ValidateCommand {
    static let command = Command(
        "validate",
        summary: "check experiment files and tell every mistake at once",
        discussion: """
            Reports each mistake with file, line, column, JSON path, the line itself and what to \
            do. Reads our format and the Chaos Toolkit's JSON; touches nothing. Exit status: 0 \
            when every file is valid, 64 otherwise.
            """,
        arguments: [Argument("FILE", "An experiment; '-' reads stdin.", arity: .oneOrMore)],
        options: [Option("json", "Print one JSON document: {\"valid\", \"problems\"}.")],
        examples: [
            Example("chaos validate experiments/*.json", "Check every experiment of a directory.")
        ],
        action: { invocation in
            try invocation.arguments.map { try ExperimentFile.check($0) }
                .answer(isJSON: invocation.has("json"))
        }
    )
}
