import ChaosProxy
import CommandLine
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// `chaos proxy`: the TCP proxy, by itself.
enum ProxyCommand {
    static let command = Command(
        "proxy",
        summary: "a TCP proxy with toxics that speaks Toxiproxy's API and understands PostgreSQL",
        subcommands: [serveCommand, runCommand]
    )

    private static let serveCommand = Command(
        "serve",
        summary: "serve Toxiproxy's HTTP API",
        discussion: """
            A drop-in replacement for toxiproxy-server: clients for it work unchanged. Ctrl-C \
            closes every connection and exits.
            """,
        options: [
            Option("host", value: "ADDRESS", "Where the API listens.", defaultText: "127.0.0.1"),
            Option("port", value: "N", "The API's port; 0 picks a free one.", defaultText: "8474"),
            Option("config", value: "FILE", "Proxies to create at start: JSON, as for /populate."),
            Option("seed", value: "N", "Decides toxicity and jitter.", defaultText: "random"),
            Option(
                "ready-file",
                value: "FILE",
                "Written with the API's URL as JSON once every proxy listens."
            ),
        ],
        examples: [
            Example("chaos proxy serve --config proxies.json", "Serve the proxies of a file.")
        ],
        action: { try serve($0) }
    )

    private static let runCommand = Command(
        "run",
        summary: "put one proxy before one server",
        discussion: """
            A one-liner for hands: clients connect to --listen, the server is --upstream. Ctrl-C \
            closes every connection and exits.
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
            Option("port", value: "N", "The API's port; 0 picks a free one.", defaultText: "8474"),
            Option("seed", value: "N", "Decides toxicity and jitter.", defaultText: "random"),
        ],
        examples: [
            Example(
                "chaos proxy run --listen :6432 --upstream :5432 --protocol postgres "
                    + "--toxic lose_commit_ack:every=5",
                "Lose every 5th COMMIT's acknowledgement of a PostgreSQL server."
            )
        ],
        action: { try run($0) }
    )

    private static func serve(_ invocation: Invocation) throws -> Int32 {
        var options = try serverOptions(invocation)
        if let path = invocation.value("config") {
            let bytes = try readConfiguration(path)
            options.configuration = try ProxyConfiguration(file: path, bytes: bytes)
        }
        let readyFile = invocation.value("ready-file")
        let settled = options
        return try Loop.main {
            let signal = try await ProxyCommands.serve(settled) { server in
                let url = "http://\(server.address)"
                if let readyFile {
                    let text = JSONValue.object(["api": .string(url)]).serialized() + "\n"
                    try SystemFiles.writeAtomically(readyFile, Array(text.utf8), mode: 0o644)
                }
                Console.say("The API is at \(url) (seed \(server.seed)). Ctrl-C stops.")
                for proxy in await server.proxies() {
                    Console.say("  \(proxy.name): \(proxy.listen) -> \(proxy.upstream)")
                }
            }
            return status(after: signal)
        }
    }

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
        options.server = try serverOptions(invocation)
        let settled = options
        return try Loop.main {
            let signal = try await ProxyCommands.run(settled) { server in
                for proxy in await server.proxies() {
                    Console.say("\(proxy.listen) -> \(proxy.upstream) (\(settled.wireProtocol))")
                }
                Console.say("The API is at http://\(server.address). Ctrl-C stops.")
            }
            return status(after: signal)
        }
    }

    private static func serverOptions(_ invocation: Invocation) throws -> ProxyServerOptions {
        var options = ProxyServerOptions()
        options.host = invocation.value("host") ?? options.host
        options.port = UInt16(
            try invocation.integer("port", in: 0...65535) ?? Int(options.port)
        )
        options.seed = try ExperimentFile.seed(of: invocation)
        return options
    }

    private static func readConfiguration(_ path: String) throws -> [UInt8] {
        do {
            return try SystemFiles.read(path)
        } catch {
            throw Failure("\(error)", status: ExitStatus.usage)
        }
    }

    /// Being stopped by hand is how a proxy ends: not an error.
    private static func status(after signal: Int32) -> Int32 {
        signal == SIGINT || signal == SIGTERM ? ExitStatus.held : ExitStatus.internalFault
    }
}
