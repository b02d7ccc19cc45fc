import ChaosProxy
import CommandLine
import EventLoop

/// `chaos proxy run`: one proxy before one server, with a live view.
enum ProxyRunCommand {
    static let command = Command(
        "run",
        summary: "put one proxy before one server and watch it",
        discussion: """
            A one-liner for hands: clients connect to --listen, the server is --upstream. On a \
            terminal a live view shows what passes and what the toxics do; elsewhere a line \
            every 10 seconds. Toxics can be added meanwhile: 'chaos proxy toxic add proxy …'. \
            Ctrl-C closes every connection, tells what was carried, and exits.
            """,
        options: [
            Option(
                "listen",
                value: "ADDRESS",
                "Where clients connect, e.g. 127.0.0.1:6432 or :6432."
            ),
            Option("upstream", value: "ADDRESS", "The server, e.g. 127.0.0.1:5432 or :5432."),
            Option(
                "protocol",
                value: "WORD",
                "What the connections speak.",
                defaultText: "tcp",
                choices: ["tcp", "postgres", "http"]
            ),
            Option(
                "toxic",
                value: "SPEC",
                "A toxic from the start: TYPE:ATTRIBUTE=VALUE,…  "
                    + "e.g. latency:latency=100ms,jitter=20ms.",
                isRepeatable: true
            ),
            ProxyCommand.onDeath,
            Option(
                "port",
                value: "N",
                "The API's port; 0 picks a free one.",
                defaultText: "8474, or a free one when that is taken"
            ),
            Option("seed", value: "N", "Decides toxicity and jitter.", defaultText: "random"),
            Option("quiet", short: "q", "No live view and no lines in between."),
        ],
        examples: [
            Example(
                "chaos proxy run --listen :6432 --upstream :5432 --protocol postgres "
                    + "--toxic lose_commit_ack:every=5",
                "Lose every 5th COMMIT's acknowledgement of a PostgreSQL server."
            )
        ],
        action: { invocation in try ProxyCommand.reporting { try run(invocation) } }
    )

    private static func run(_ invocation: Invocation) throws -> Int32 {
        guard let listen = invocation.value("listen"), let upstream = invocation.value("upstream")
        else {
            throw UsageError(
                path: invocation.path,
                message: "--listen ADDRESS and --upstream ADDRESS are both needed."
            )
        }
        var options = ProxyRunOptions(listen: listen, upstream: upstream)
        options.wireProtocol = invocation.value("protocol") ?? "tcp"
        options.toxics = invocation.values("toxic")
        options.onDeath = invocation.value("on-death") ?? "cut"
        options.server = try ProxyCommand.serverOptions(invocation)
        options.mayMoveAPI = !invocation.has("port")
        let settled = options
        let isQuiet = invocation.has("quiet")
        return try Loop.main {
            let signal = try await ProxyCommands.run(
                settled,
                ready: { server in
                    for proxy in await server.proxies() {
                        Console.say(
                            "\(proxy.listen) -> \(proxy.upstream) (\(settled.wireProtocol))"
                        )
                    }
                    Console.say("The API is at http://\(server.address). Ctrl-C stops.")
                },
                meanwhile: { server in await ProxyView(isQuiet: isQuiet).follow(server) }
            )
            return ProxyCommand.status(after: signal)
        }
    }
}
