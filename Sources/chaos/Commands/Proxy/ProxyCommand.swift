import ChaosProxy
import CommandLine
import EventLoop
import Glibc
import LinuxSystem

/// `chaos proxy`: the TCP proxy, by itself.
enum ProxyCommand {
    static let command = Command(
        "proxy",
        summary: "a TCP proxy with toxics that speaks Toxiproxy's API and understands PostgreSQL",
        discussion: """
            'serve' and 'run' carry traffic until Ctrl-C. The other commands talk to a server \
            that runs, ours or Toxiproxy: --api URL, else the variable TOXIPROXY_URL, else \
            http://127.0.0.1:8474.

            Exit status: 0 done, 64 wrong words or no such proxy or toxic, 70 no server answers, \
            or its machine cannot do it (a port is taken).
            """,
        subcommands: [
            ProxyServeCommand.command, ProxyRunCommand.command, ProxyListCommand.command,
            ProxyInspectCommand.command, ProxyCreateCommand.command, ProxyDeleteCommand.command,
            ProxyToggleCommand.command, ProxyResetCommand.command, ProxyToxicCommand.command,
            ProxyTruthCommand.command, ProxyStandInsCommand.command, ProxyStandInCommand.command,
        ]
    )

    /// `--on-death` of what makes a proxy.
    static let onDeath = Option(
        "on-death",
        value: "WORD",
        "What clients get when the server is killed: 'passthrough' leaves a process that goes on "
            + "listening and passes everything untouched.",
        defaultText: "cut",
        choices: ["cut", "passthrough"]
    )

    /// What `serve` and `run` share.
    static func serverOptions(_ invocation: Invocation) throws -> ProxyServerOptions {
        var options = ProxyServerOptions()
        options.host = invocation.value("host") ?? options.host
        options.port = UInt16(
            try invocation.integer("port", in: 0...65535) ?? Int(options.port)
        )
        options.seed = try ExperimentFile.seed(of: invocation)
        options.standIn = StandInSettings(
            executable: executablePath(),
            directory: StatePaths.standIns
        )
        return options
    }

    /// Being stopped by hand is how a proxy ends: not an error.
    static func status(after signal: Int32) -> Int32 {
        signal == SIGINT || signal == SIGTERM ? ExitStatus.held : ExitStatus.internalFault
    }

    /// Errors of the proxy's room with the status that they exit with.
    static func reporting(_ body: () throws -> Int32) throws -> Int32 {
        do {
            return try body()
        } catch let error as ProxyServerError {
            throw Failure(
                error.description,
                status: error.isUsage ? ExitStatus.usage : ExitStatus.internalFault
            )
        }
    }
}

/// The commands that ask a running server.
enum ProxyRequestCommand {
    static let api = Option(
        "api",
        value: "URL",
        "The server: ours or Toxiproxy.",
        defaultText: "$TOXIPROXY_URL, else http://127.0.0.1:8474"
    )
    static let json = Option("json", "Print the server's answer as one JSON document.")

    /// Calls the server that the command line or the environment names.
    static func ask(
        _ invocation: Invocation,
        _ body: @escaping @Sendable (ProxyClient) async throws -> Void
    ) throws -> Int32 {
        let url =
            invocation.value("api") ?? Environment.get("TOXIPROXY_URL") ?? ProxyClient.defaultURL
        do {
            try Loop.main { try await body(try ProxyClient(url: url)) }
            return ExitStatus.held
        } catch let error as ProxyClientError {
            let status = error.kind == .usage ? ExitStatus.usage : ExitStatus.internalFault
            throw Failure(error.description, status: status)
        } catch let error as ProxyServerError {
            throw Failure(error.description, status: ExitStatus.usage)
        }
    }

    /// Columns to keep to; a pipe gets whole lines.
    static var width: Int? { Console.answersToTerminal ? Console.width : nil }
}
