import ChaosProxy
import CommandLine
import EventLoop
import JSON
import LinuxSystem

/// `chaos proxy serve`: Toxiproxy's API until a signal comes.
enum ProxyServeCommand {
    static let command = Command(
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
        action: { invocation in try ProxyCommand.reporting { try serve(invocation) } }
    )

    private static func serve(_ invocation: Invocation) throws -> Int32 {
        var options = try ProxyCommand.serverOptions(invocation)
        if let path = invocation.value("config") {
            let bytes = try ExperimentFile.read(path)
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
            return ProxyCommand.status(after: signal)
        }
    }
}
