import CommandLine
import EventLoop
import JSON
import ShopCore
import ShopSupervisor

/// `chaos shop`: the bundled order and payment system.
enum ShopCommand {
    static let command = Command(
        "shop",
        summary: "start, stop and look at the bundled order and payment system",
        discussion: """
            Five services with a PostgreSQL database each, and the event side: a broker, a relay \
            for each outbox, notifications, a read model and a reconciler. Started from nothing but PostgreSQL's \
            programs in a throwaway directory, unprivileged. Every link between them passes \
            through the proxy and has a name, such as payments->payments-db; with --replicas each \
            pair of instances has a link of its own, such as orders-2->payments. With --topology \
            netns each service is a host in a network namespace of its own instead, and packets between \
            services can be cut, lost and delayed; the proxy carries the databases' links only.
            """,
        subcommands: [up, down, status] + ShopTools.commands + [mutants]
    )

    private static let name = Option(
        "name",
        value: "NAME",
        "Which shop; several can run side by side.",
        defaultText: "shop"
    )
    private static let json = Option("json", "Print the system description as JSON.")

    private static let up = Command(
        "up",
        summary: "start the shop and print what runs where",
        options: [
            Option(
                "mutant",
                value: "NAME",
                "Start a deliberately broken variant.",
                isRepeatable: true
            ),
            Option(
                "topology",
                value: "KIND",
                "What joins the services: loopback, or netns (a network of their own; root).",
                defaultText: "loopback"
            ),
            Option(
                "replicas",
                value: "ROLE=N",
                "How many instances of a service: payments=2, or several with commas.",
                defaultText: "1 each",
                isRepeatable: true
            ),
            Option(
                "disk",
                value: "SERVICE=SIZE",
                "A file system of that size for a database, such as payments=256MiB (root).",
                isRepeatable: true
            ),
            Option(
                "without",
                value: "PART",
                "What to leave out: events (broker, relays, notifications, read model, reconciler)."
            ),
            Option(
                "broker",
                value: "KIND",
                "What carries the events: postgres, rabbitmq, or rabbitmq:3 (a cluster of three).",
                defaultText: "postgres"
            ),
            Option("keep", "Go on with the databases that 'down --keep' left, if there are any."),
            Option(
                "otlp",
                value: "URL",
                "Send the services' traces to an OpenTelemetry collector (OTLP over HTTP, JSON).",
                defaultText: "OTEL_EXPORTER_OTLP_ENDPOINT"
            ),
            name, json,
        ],
        examples: [
            Example("chaos shop up", "Start it; the ports are chosen free."),
            Example(
                "chaos shop up --replicas payments=2,orders=2",
                "Two instances each; links such as orders-2->payments have names of their own."
            ),
            Example("chaos shop up --topology netns", "Each service in a network namespace."),
            Example("chaos shop up --broker rabbitmq", "Debian's RabbitMQ, throwaway as well."),
        ],
        action: { invocation in
            try checkMutants(invocation)
            return try Loop.main { try await ShopControl(invocation).up() }
        }
    )

    private static let down = Command(
        "down",
        summary: "stop the shop and leave nothing behind",
        options: [Option("keep", "Leave the databases for 'up --keep'."), name],
        action: { invocation in try Loop.main { try await ShopControl(invocation).down() } }
    )

    private static let status = Command(
        "status",
        summary: "tell whether the shop runs, and where",
        discussion: "Exit status: 0 when it runs, 1 when it does not.",
        options: [name, json],
        action: { invocation in try Loop.main { try ShopControl(invocation).status() } }
    )

    private static let mutants = Command(
        "mutants",
        summary: "list the deliberately broken variants, or run each under what exposes it",
        discussion: """
            With --run, each mutant is run under its schedule of faults, and the correct shop \
            under all of them, once for every seed; results are kept, so that --resume goes on \
            with what is missing.

            Exit status with --run: 0 when every mutant was caught by its own invariant and the \
            correct shop held everywhere, otherwise 1; 130 when interrupted.
            """,
        options: [
            Option("run", "Run them instead of listing them."),
            Option("only", value: "NAME", "Only this mutant.", isRepeatable: true),
            Option("seeds", value: "N", "How many seeds, 1 to 20.", defaultText: "3"),
            Option("seed", value: "SEED", "This seed instead.", isRepeatable: true),
            Option("resume", "Keep the results so far and run what is missing or was not judged."),
            Option("page", value: "FILE", "Write the table as Markdown."),
            Option("note", value: "TEXT", "What the page says of the machine."),
            Option(
                "results",
                value: "FILE",
                "Where results are kept.",
                defaultText: "runs/mutants.jsonl"
            ),
            Option(
                "experiments",
                value: "DIR",
                "Where experiments are.",
                defaultText: "experiments"
            ),
            Option("output", value: "DIR", "Where runs are kept.", defaultText: "runs"),
            Option("json", "Print the list, or the results, as JSON."),
            Option("quiet", short: "q", "Only the last line."),
        ],
        examples: [
            Example("chaos shop mutants", "List them with their stories."),
            Example(
                "chaos shop mutants --run --only single-attempt --seeds 1",
                "See how one of them is caught."
            ),
        ],
        action: { invocation in
            let request = try MutantRequest(invocation)
            if invocation.has("run") {
                return try Loop.main { try await MutantRun(request).perform() }
            }
            list(request)
            return ExitStatus.held
        }
    )

    /// The numbers of instances that `--replicas` asks for.
    ///
    /// Throws `UsageError` when a role is unknown or a number is out of range.
    static func replicas(_ invocation: Invocation) throws -> [ShopRole: Int] {
        let roles = ShopRole.allCases.map(\.rawValue)
        var replicas: [ShopRole: Int] = [:]
        for word in invocation.values("replicas").flatMap({ $0.split(separator: ",") }) {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, let number = Int(parts[1]),
                (1...ShopInstance.numberMax).contains(number)
            else {
                throw UsageError(
                    path: invocation.path,
                    message: "--replicas takes a service and a number from 1 to "
                        + "\(ShopInstance.numberMax), not '\(word)'. Use e.g. payments=2."
                )
            }
            guard let role = ShopRole(rawValue: String(parts[0])) else {
                let guess = Spelling.nearest(to: String(parts[0]), in: roles)
                throw UsageError(
                    path: invocation.path,
                    message: "there is no service '\(parts[0])'."
                        + (guess.map { " Did you mean '\($0)'?" } ?? "")
                        + " Known: \(roles.joined(separator: ", "))."
                )
            }
            replicas[role] = number
        }
        return replicas
    }

    /// The sizes of file systems that `--disk` asks for.
    ///
    /// Throws `UsageError` when there is no such database or the size is none.
    static func disks(_ invocation: Invocation) throws -> [ShopDatabase: Int64] {
        var sizes: [String: String] = [:]
        for word in invocation.values("disk").flatMap({ $0.split(separator: ",") }) {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            sizes[parts[0]] = parts.count > 1 ? parts[1] : ""
        }
        let (disks, mistakes) = ExperimentFile.disks(sizes)
        if let mistake = mistakes.first {
            throw UsageError(
                path: invocation.path,
                message: "--disk: \(mistake.message). \(mistake.remedy)"
            )
        }
        return disks
    }

    private static func list(_ request: MutantRequest) {
        if request.isJSON {
            let list = request.mutants.map { mutant -> JSONValue in
                [
                    "name": .string(mutant.name), "story": .string(mutant.story),
                    "anomaly": .string(mutant.anomaly), "invariant": .string(mutant.invariant),
                    "experiment": .string(mutant.exposedBy),
                ]
            }
            return Console.answer(JSONValue.array(list).serialized(pretty: true))
        }
        for mutant in request.mutants {
            Console.answer("\(mutant.name)")
            Console.answer("  \(mutant.story)")
            Console.answer("  anomaly: \(mutant.anomaly)")
            Console.answer("  \(mutant.invariant) is broken under \(mutant.exposedBy)")
        }
        guard request.mutants.count == Mutant.all.count else { return }
        Console.answer("\nSafeguards that --mutant leaves out; the shop stays right without them:")
        for mutant in Mutant.withouts {
            Console.answer("\(mutant.name)")
            Console.answer("  \(mutant.story)")
            Console.answer("  effect: \(mutant.anomaly)")
        }
    }

    /// Throws `UsageError` when a `--mutant` is not in the registry.
    static func checkMutants(_ invocation: Invocation, option: String = "mutant") throws {
        let known = option == "only" ? Mutant.all.map(\.name) : Mutant.names
        for word in invocation.values(option) where !known.contains(word) {
            let guess = Spelling.nearest(to: word, in: known).map { " Did you mean '\($0)'?" } ?? ""
            throw UsageError(
                path: invocation.path,
                message: "there is no mutant '\(word)'.\(guess) "
                    + "Known: \(known.joined(separator: ", "))."
            )
        }
    }
}
