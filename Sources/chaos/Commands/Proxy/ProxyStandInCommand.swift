import ChaosModel
import ChaosProxy
import CommandLine
import EventLoop
import Glibc
import JSON
import LinuxSystem

/// `chaos proxy stand-in`: started by a proxy server, never by hand.
enum ProxyStandInCommand {
    static let command = Command(
        "stand-in",
        summary: "serve a proxy's clients when its process dies (started by 'chaos proxy serve')",
        options: [Option("directory", value: "DIRECTORY", "Where its door will be.")],
        isHidden: true,
        action: { invocation in
            guard let directory = invocation.value("directory") else {
                throw UsageError(path: invocation.path, message: "--directory is missing.")
            }
            return try Loop.main {
                guard let loop = Loop.current else { return ExitStatus.internalFault }
                try await StandInProcess(socket: STDIN_FILENO, directory: directory, loop: loop)
                    .run()
                return ExitStatus.held
            }
        }
    )
}

/// `chaos proxy stand-ins`: which servers are dead and stood in for.
enum ProxyStandInsCommand {
    static let command = Command(
        "stand-ins",
        summary: "list the processes that stand in for proxies whose server was killed",
        discussion: """
            A proxy with on_death passthrough goes on listening when its server is killed, \
            without toxics. The next 'chaos proxy serve' or 'run' at the same address takes over \
            without refusing a client; --end is for when there will be none.
            """,
        options: [
            Option("end", "End them: their listeners close, their connections are cut."),
            Option("json", "Print one JSON document."),
        ],
        action: { invocation in
            let shallEnd = invocation.has("end")
            let found = try Loop.main {
                await StandIns.ask(directory: StatePaths.standIns, shallEnd: shallEnd)
            }
            if invocation.has("json") {
                Console.answer(JSONValue.array(found).serialized(pretty: true))
            } else if found.isEmpty {
                Console.answer("no process stands in for a proxy")
            } else {
                for one in found { Console.answer(text(one, shallEnd)) }
            }
            return ExitStatus.held
        }
    )

    private static func text(_ one: JSONValue, _ isEnded: Bool) -> String {
        let pid = one["pid"]?.integerValue ?? 0
        let since = (Loop.wallMicroseconds() - (one["since_us"]?.integerValue ?? 0)) / 1_000_000
        let verb = isEnded ? "ended: process \(pid), which stood in" : "process \(pid) stands in"
        let lines = (one["proxies"]?.arrayValue ?? []).map { proxy in
            let part = { (name: String) in proxy[name]?.stringValue ?? "" }
            let open = proxy["connections"]?.integerValue ?? 0
            return "  \(part("name")): \(part("listen")) -> \(part("upstream")), \(open) open"
        }
        return (["\(verb) for \(Duration.seconds(since).text)"] + lines).joined(separator: "\n")
    }
}
