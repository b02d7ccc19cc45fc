import ChaosModel
import CommandLine
import JSON

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
        action: { try run($0) }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let checked = try invocation.arguments.map { try ExperimentFile.check($0) }
        let problems = checked.flatMap(\.problems)
        let isValid = !problems.contains { $0.severity == .error }
        if invocation.has("json") {
            Console.answer(
                JSONValue.object([
                    "valid": .bool(isValid), "problems": .array(problems.map(\.json)),
                ]).serialized(pretty: true)
            )
            return isValid ? ExitStatus.held : ExitStatus.usage
        }
        for file in checked {
            if !file.problems.isEmpty { Console.say(file.rendered, terminator: "") }
            if file.isValid { Console.answer("\(file.name): valid") }
        }
        if !isValid {
            let count = problems.count { $0.severity == .error }
            Console.say("\(count) mistake\(count == 1 ? "" : "s") found; nothing was run.")
        }
        return isValid ? ExitStatus.held : ExitStatus.usage
    }
}
