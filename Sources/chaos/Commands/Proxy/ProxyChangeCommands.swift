import ChaosModel
import ChaosProxy
import CommandLine
import JSON

/// `chaos proxy create`.
enum ProxyCreateCommand {
    static let command = Command(
        "create",
        summary: "create a proxy on a server",
        arguments: [Argument("PROXY", "Its name.")],
        options: [
            Option(
                "listen",
                value: "ADDRESS",
                "Where clients connect, on the server's machine; port 0 picks a free one.",
                defaultText: "127.0.0.1:0"
            ),
            Option("upstream", value: "ADDRESS", "Where it leads: HOST:PORT."),
            Option(
                "protocol",
                value: "WORD",
                "What the connections speak; Toxiproxy knows tcp alone.",
                defaultText: "tcp",
                choices: ["tcp", "postgres", "http"]
            ),
            Option("disabled", "Do not listen yet."), ProxyCommand.onDeath,
            ProxyRequestCommand.api, ProxyRequestCommand.json,
        ],
        examples: [
            Example(
                "chaos proxy create db --listen :6432 --upstream :5432 --protocol postgres",
                "A proxy that understands PostgreSQL."
            )
        ],
        action: { try create($0) }
    )

    private static func create(_ invocation: Invocation) throws -> Int32 {
        guard let upstream = invocation.value("upstream") else {
            throw UsageError(
                path: invocation.path,
                message: "--upstream is missing: where the proxy leads, HOST:PORT."
            )
        }
        let listen = invocation.value("listen") ?? "127.0.0.1:0"
        let wireProtocol = invocation.value("protocol")
        var proxy: JSONObject = [
            "name": .string(invocation.arguments[0]),
            // On the server's machine alone, as 'chaos proxy run' reads it.
            "listen": .string(listen.hasPrefix(":") ? "127.0.0.1" + listen : listen),
            "upstream": .string(upstream.hasPrefix(":") ? "127.0.0.1" + upstream : upstream),
            "enabled": .bool(!invocation.has("disabled")),
        ]
        proxy["protocol"] = wireProtocol.map { .string($0) }
        proxy["on_death"] = invocation.value("on-death").map { .string($0) }
        let (request, isJSON) = (JSONValue.object(proxy), invocation.has("json"))
        return try ProxyRequestCommand.ask(invocation) { client in
            let answer = try await client.create(request)
            if let wireProtocol, wireProtocol != "tcp", answer["protocol"] == nil {
                Console.say(
                    "note: the server at \(client.url) knows no protocols; it carries bytes. "
                        + "'chaos proxy serve' understands \(wireProtocol)."
                )
            }
            ProxyText.answer("created", answer, asJSON: isJSON)
        }
    }
}

/// `chaos proxy delete`.
enum ProxyDeleteCommand {
    static let command = Command(
        "delete",
        summary: "delete a proxy and close its connections",
        arguments: [Argument("PROXY", "Its name.")],
        options: [ProxyRequestCommand.api],
        action: { invocation in
            let name = invocation.arguments[0]
            return try ProxyRequestCommand.ask(invocation) { client in
                try await client.delete(name)
                Console.answer("deleted \(name); its connections are closed")
            }
        }
    )
}

/// `chaos proxy toggle`.
enum ProxyToggleCommand {
    static let command = Command(
        "toggle",
        summary: "take a proxy down, or up again",
        discussion: """
            Down: nothing listens, clients are refused, open connections are closed. Toxics stay. \
            With --for the proxy comes up by itself; that needs a server of ours.
            """,
        arguments: [Argument("PROXY", "Its name.")],
        options: [
            Option("for", value: "TIME", "Down for this time at most, e.g. 30s."),
            ProxyRequestCommand.api, ProxyRequestCommand.json,
        ],
        examples: [Example("chaos proxy toggle db --for 10s", "Ten seconds without a database.")],
        action: { try toggle($0) }
    )

    private static func toggle(_ invocation: Invocation) throws -> Int32 {
        let name = invocation.arguments[0]
        let lease = try invocation.duration("for")
        let isJSON = invocation.has("json")
        return try ProxyRequestCommand.ask(invocation) { client in
            let shallRun = try await client.proxy(name)["enabled"]?.boolValue == false
            if let lease, shallRun {
                throw Failure(
                    "\(name) is down; --for \(lease.text) says for how long to take it down. "
                        + "Leave --for away to take it up.",
                    status: ExitStatus.usage
                )
            }
            var change: JSONObject = ["enabled": .bool(shallRun)]
            change["ttl"] = lease.map { .integer(Int64($0.milliseconds)) }
            let answer = try await client.update(name, .object(change))
            if lease != nil, answer["ttl"] == nil {
                Console.say(
                    "note: the server at \(client.url) knows no leases; '\(name)' stays down "
                        + "until: chaos proxy toggle \(name)"
                )
            }
            ProxyText.answer(shallRun ? "took up" : "took down", answer, asJSON: isJSON)
        }
    }
}

/// `chaos proxy reset`.
enum ProxyResetCommand {
    static let command = Command(
        "reset",
        summary: "take every proxy up and remove every toxic",
        options: [ProxyRequestCommand.api],
        action: { invocation in
            try ProxyRequestCommand.ask(invocation) { client in
                try await client.reset()
                Console.answer("every proxy of \(client.url) is up and has no toxic")
            }
        }
    )
}

extension Invocation {
    /// The value of an option as a duration of at least a millisecond.
    func duration(_ option: String) throws(UsageError) -> Duration? {
        guard let word = value(option) else { return nil }
        guard let duration = try? Duration(parsing: word), duration.milliseconds >= 1 else {
            throw UsageError(
                path: path,
                message: "--\(option) takes a duration such as 500ms, 30s or 2m, not '\(word)'."
            )
        }
        return duration
    }
}
