import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import CommandLine
import JSON
import LinuxSystem

/// `chaos list`: which experiments there are, and what each does.
enum ListCommand {
    static let command = Command(
        "list",
        summary: "list the experiments of a directory, with what each does",
        discussion: """
            One line for each experiment: its file, what it injects, how long it takes at least, \
            and its title. Files that are no valid experiment are named as such; 'chaos validate' \
            tells why.
            """,
        arguments: [
            Argument("DIRECTORY", "Where to look; 'experiments' unless given.", arity: .optional)
        ],
        options: [
            Option("tag", value: "TAG", "Only experiments with this tag."),
            Option("json", "Print one JSON document: {\"experiments\"}."),
        ],
        examples: [Example("chaos list", "The experiments that stand in experiments/.")],
        action: { try run($0) }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        let directory = invocation.arguments.first ?? "experiments"
        guard SystemFiles.isDirectory(directory) else {
            throw Failure(
                "there is no directory \(directory). Name the one with your experiments.",
                status: ExitStatus.usage
            )
        }
        let rows = try SystemFiles.list(directory).filter { $0.hasSuffix(".json") }.sorted()
            .map { try Row(ExperimentFile.check("\(directory)/\($0)")) }
            .filter { row in invocation.value("tag").map(row.tags.contains) ?? true }
        if invocation.has("json") {
            let document: JSONValue = ["experiments": .array(rows.map(\.json))]
            Console.answer(document.serialized(pretty: true))
        } else {
            show(rows, in: directory)
        }
        return ExitStatus.held
    }

    private static func show(_ rows: [Row], in directory: String) {
        if rows.isEmpty { Console.say("No experiment stands in \(directory).") }
        for row in rows {
            let time = row.seconds.map { "\($0) s" } ?? ""
            let width = max(24, (rows.map(\.file.count).max() ?? 0) + 1)
            Console.answer(
                "\(row.file.padding(to: width)) \(time.padding(to: 6)) \(row.title)"
            )
            if !row.faults.isEmpty {
                Console.answer(
                    "\("".padding(to: width)) \("".padding(to: 6)) "
                        + row.faults.joined(separator: ", ")
                )
            }
        }
    }
}

extension ListCommand {
    /// What is told of one file.
    private struct Row {
        var file: String
        var title: String
        var tags: [String]
        var faults: [String]
        /// How long it takes at least; `nil` when it is invalid.
        var seconds: Int64?

        init(_ checked: ExperimentFile) {
            file = checked.name
            tags = checked.experiment?.tags ?? []
            seconds = checked.plan.map { Int64(($0.estimate / .seconds(1)).rounded()) }
            title = checked.isValid ? checked.experiment?.title ?? "" : "(no valid experiment)"
            faults = (checked.plan?.steps ?? []).compactMap { step in
                step.target.map { "\(step.function.name) on \($0.name)" }
            }
        }

        var json: JSONValue {
            [
                "file": .string(file), "title": .string(title),
                "tags": .array(tags.map { .string($0) }),
                "faults": .array(faults.map { .string($0) }),
                "seconds": seconds.map { .integer($0) } ?? .null,
            ]
        }
    }
}
