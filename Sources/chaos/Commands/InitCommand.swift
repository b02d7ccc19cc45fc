import CommandLine
import EventLoop
import LinuxSystem

/// `chaos init`: the first experiments for somebody's own system.
enum InitCommand {
    static let command = Command(
        "init",
        summary: "write a first experiment for your own system",
        discussion: """
            Asks four questions (or takes their answers as options), looks whether your service \
            and its database answer, and writes a description of the system, the configuration of a \
            proxy between the two, and experiments that hold or break a first hypothesis. Nothing \
            that exists is overwritten; nothing is started.
            """,
        arguments: [
            Argument("DIRECTORY", "Where to write; 'chaos' unless given.", arity: .optional)
        ],
        options: [
            Option("http", value: "URL", "A page of your service that needs the database."),
            Option("database", value: "HOST:PORT", "Where its database listens."),
            Option(
                "protocol",
                value: "NAME",
                "What the database speaks.",
                choices: ["postgres", "http", "tcp"]
            ),
            Option("listen", value: "HOST:PORT", "Where the proxy shall listen."),
            Option("pid-file", value: "FILE", "The file with your service's process id."),
            Option("name", value: "NAME", "What to call the service.", defaultText: "app"),
            Option("yes", short: "y", "Ask nothing: take what is usual."),
        ],
        examples: [
            Example("chaos init", "Answer four questions."),
            Example(
                "chaos init --http http://127.0.0.1:8080/orders --database 127.0.0.1:5432",
                "Answer them beforehand."
            ),
        ],
        action: { invocation in try Loop.main { try await run(invocation) } }
    )

    private static func run(_ invocation: Invocation) async throws -> Int32 {
        let first = try await Interview(invocation).hold()
        let files = first.files
        for file in files where SystemFiles.exists(file.path) {
            throw Failure(
                "\(file.path) is there already, and nothing was written. "
                    + "Name another directory: chaos init DIRECTORY.",
                status: ExitStatus.usage
            )
        }
        try SystemFiles.createDirectory(
            "\(first.directory)/experiments",
            mode: 0o755,
            parents: true
        )
        for file in files {
            try SystemFiles.writeAtomically(file.path, Array(file.text.utf8), mode: 0o644)
            Console.answer("wrote \(file.path)")
        }
        let isListening = await Interview.isListening(first.database)
        Console.answer(NextSteps(of: first, databaseAnswers: isListening).text)
        return ExitStatus.held
    }
}

/// What to do with the files, and what was noticed on the way.
struct NextSteps {
    let text: String

    init(of first: FirstExperiment, databaseAnswers: Bool) {
        var lines: [String] = [""]
        if first.slowest == nil {
            lines.append("Note: \(first.url) did not answer 20 times in a row. Start your service.")
        }
        if !databaseAnswers {
            lines.append("Note: nobody listens at \(first.database).")
        }
        if lines.count > 1 { lines.append("") }
        lines += [
            "Next:",
            "  1. chaos proxy serve --config \(first.directory)/proxies.json",
            "     (leave it running: it is how the faults reach the database's connections)",
            "  2. point your service at \(first.listen) instead of \(first.database)",
            "  3. chaos plan \(first.directory)/experiments/slow-database.json",
            "  4. chaos run \(first.directory)/experiments/slow-database.json",
            "Then say what must be true of your data, as a probe in SQL: docs/your-system.md.",
        ]
        text = lines.joined(separator: "\n")
    }
}
