import ChaosModel
import CommandLine
import EventLoop
import Glibc
import LinuxSystem
import PostgresServer
import ShopCore
import ShopSupervisor

/// What one does with a shop that runs: `chaos shop logs|psql|load|trace|saga`, and with
/// `dead-letters`, `conflicts`, `ledger` and `openapi` what have files of their own.
enum ShopTools {
    static let commands = [
        logs, psql, load, trace, saga, DeadLetterCommands.command, ConflictCommands.command,
        LedgerCommands.command, OpenAPICommand.command,
    ]

    static let name = Option(
        "name",
        value: "NAME",
        "Which shop.",
        defaultText: "shop"
    )
    static let json = Option("json", "Print JSON.")

    private static let logs = Command(
        "logs",
        summary: "show what the shop's processes wrote, in the order of time",
        arguments: [
            Argument(
                "PROCESS",
                "One of them: orders, payments-2, orders-db, proxy, supervisor.",
                arity: .optional
            )
        ],
        options: [
            Option("lines", value: "N", "How many lines of the past.", defaultText: "50"),
            Option("follow", short: "f", "Go on with new lines until Ctrl-C."),
            name, json,
        ],
        examples: [Example("chaos shop logs orders --follow", "What orders does now.")],
        action: { invocation in
            let text = invocation.value("lines") ?? "50"
            guard let count = Int(text), (0...ShopLogs.linesMax).contains(count) else {
                throw UsageError(
                    path: invocation.path,
                    message: "--lines takes a number from 0 to \(ShopLogs.linesMax), not '\(text)'."
                )
            }
            guard let folder = try running(invocation).directory else { throw absent(invocation) }
            return try Loop.main {
                var logs = try ShopLogs(
                    folder: folder + "/logs",
                    process: invocation.arguments.first,
                    count: count,
                    isJSON: invocation.has("json")
                )
                try await logs.show(follows: invocation.has("follow"))
                return ExitStatus.held
            }
        }
    )

    private static let psql = Command(
        "psql",
        summary: "open a service's database in psql, over its socket",
        discussion: "Not through the proxy: what faults do to the service does not reach you.",
        arguments: [Argument("SERVICE", "Whose database: orders, payments, …")],
        options: [
            Option("command", short: "c", value: "SQL", "Run one statement and end."),
            name,
        ],
        examples: [
            Example(
                "chaos shop psql orders -c 'select state, count(*) from orders group by 1'",
                "How many orders are in which state."
            )
        ],
        action: { invocation in
            let system = try running(invocation)
            let word = invocation.arguments[0]
            let known = system.databases.map(\.service)
            let database = system.databases.first {
                $0.service == word || $0.service + "-db" == word
            }
            guard let observer = database?.observer else {
                let guess = Spelling.nearest(to: word, in: known)
                throw Failure(
                    "there is no database of '\(word)'."
                        + (guess.map { " Did you mean '\($0)'?" } ?? "")
                        + " Use one of: \(known.joined(separator: ", ")).",
                    status: ExitStatus.usage
                )
            }
            let statement = invocation.value("command").map { ["--command", $0] } ?? []
            throw ProcessImage.replace(
                try PostgresBinaries.find().directory + "/psql",
                [observer] + statement,
                environment: Environment.all().filter { !$0.hasPrefix("PG") }
            )
        }
    )

    private static let load = Command(
        "load",
        summary: "let customers place orders for a while, and tell how they fared",
        discussion: """
            Open loop: customers come when they come, however slow the shop is, and latencies \
            count from the planned moment. Exit status: 0 when every order was confirmed, else 1.
            """,
        options: [
            Option("rate", value: "N/s", "Orders per second, 0.1 to 20000.", defaultText: "50/s"),
            Option("duration", value: "TIME", "At most 3600s.", defaultText: "30s"),
            Option("timeout", value: "TIME", "A customer's patience.", defaultText: "30s"),
            Option(
                "reads",
                value: "SHARE",
                "Who reads their order once more at its end.",
                defaultText: "0%"
            ),
            Option("seed", value: "N", "Decides arrivals and orders.", defaultText: "random"),
            Option(
                "direct",
                "Go to the gateway's own port, past the link client->gateway and its faults."
            ),
            name, json,
        ],
        examples: [
            Example("chaos shop load --rate 100/s --duration 20s", "100 orders a second."),
            Example(
                "chaos shop load --direct --rate 500/s --duration 20s --timeout 120s",
                "Ten thousand customers, who cost the proxy no sockets."
            ),
        ],
        action: { invocation in
            let system = try running(invocation)
            let own = system.services.first { $0.name == ShopRole.gateway.rawValue }?.url
            let address = invocation.has("direct") ? own : system.gateway
            guard let gateway = address else { throw absent(invocation) }
            let load = try ShopLoad(invocation, gateway: gateway)
            return try Loop.main { try await load.run() }
        }
    )

    private static let trace = Command(
        "trace",
        summary: "tell one order's story across all services, in the order of time",
        discussion: "From the services' databases, over their sockets, and from their logs.",
        arguments: [order],
        options: [name, json],
        examples: [
            Example(
                "chaos shop trace 3f0c2a52-6a57-4d0e-9d0b-5b8f2f9c1a11",
                "What became of an order that a customer asks about."
            )
        ],
        action: { invocation in
            let order = invocation.arguments[0].lowercased()
            guard UUIDText.isValid(order) else {
                throw UsageError(
                    path: invocation.path,
                    message: "'\(order)' is no order. Give its number, as a placement answers it."
                )
            }
            let trace = ShopTrace(try running(invocation), isJSON: invocation.has("json"))
            return try Loop.main { try await trace.show(order: order) }
        }
    )

    private static let saga = Command(
        "saga",
        summary: "look at orders that do not move, and decide what becomes of them",
        subcommands: [list, show, resolve]
    )

    private static let actions = ["retry", "cancel", "fail"]
    private static let order = Argument("ORDER", "The order's number.")

    private static let list = Command(
        "list",
        summary: "list orders on their way that have not moved for a while",
        options: [
            Option("older", value: "SECONDS", "For at least so long.", defaultText: "10"),
            name, json,
        ],
        action: { invocation in
            let text = invocation.value("older") ?? "10"
            guard let seconds = Int64(text), (0...1_000_000).contains(seconds) else {
                throw UsageError(
                    path: invocation.path,
                    message: "--older takes seconds from 0 to 1000000, not '\(text)'."
                )
            }
            return try withSagas(invocation) {
                try await $0.list(olderMilliseconds: seconds * 1000)
            }
        }
    )

    private static let show = Command(
        "show",
        summary: "tell one order's states, commands and decisions",
        arguments: [order],
        options: [name, json],
        action: { invocation in
            let id = invocation.arguments[0]
            return try withSagas(invocation) { try await $0.show(order: id) }
        }
    )

    private static let resolve = Command(
        "resolve",
        summary: "retry, cancel or hand to a person an order that does not move",
        discussion: """
            retry sends the command that the order waits for again. cancel compensates: when \
            nothing was charged, the charge's key is voided first, so that no late delivery can \
            charge; when the order is captured, its stock is given back first, so that no late \
            delivery can sell it, and then the money. While nobody knows whether the card was \
            charged, cancel is refused. fail ends the saga as it is, for a person to settle.
            """,
        arguments: [order],
        options: [
            Option("action", value: "WHAT", "What to do.", choices: actions),
            Option("reason", value: "TEXT", "Why; it is kept with the order."),
            Option("author", value: "NAME", "Who decides.", defaultText: "$USER"),
            name, json,
        ],
        action: { invocation in
            guard let action = invocation.value("action") else {
                throw UsageError(
                    path: invocation.path,
                    message: "--action is missing. Use one of: "
                        + "\(actions.joined(separator: ", "))."
                )
            }
            guard let reason = invocation.value("reason"), !reason.isEmpty else {
                throw UsageError(
                    path: invocation.path,
                    message: "--reason is missing. Say why: whoever looks later will ask."
                )
            }
            let author = invocation.value("author") ?? Environment.get("USER") ?? "unknown"
            let id = invocation.arguments[0]
            return try withSagas(invocation) {
                try await $0.resolve(order: id, action: action, reason: reason, author: author)
            }
        }
    )

    private static func withSagas(
        _ invocation: Invocation,
        _ body: @escaping @Sendable (ShopSagas) async throws -> Int32
    ) throws -> Int32 {
        let system = try running(invocation)
        let isJSON = invocation.has("json")
        return try Loop.main { try await body(ShopSagas(system, isJSON: isJSON)) }
    }

    /// The description of the shop that is meant; throws `Failure` when it does not run.
    static func running(_ invocation: Invocation) throws -> SystemDescription {
        let status = try ShopSupervisor.status(name: invocation.value("name") ?? "shop")
        guard let system = status.system else { throw absent(invocation) }
        return system
    }

    private static func absent(_ invocation: Invocation) -> Failure {
        Failure(
            "no shop named \(invocation.value("name") ?? "shop") runs. "
                + "Start one with: chaos shop up",
            status: ExitStatus.deviated
        )
    }
}
