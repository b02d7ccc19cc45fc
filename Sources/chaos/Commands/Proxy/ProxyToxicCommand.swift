import ChaosProxy
import CommandLine
import JSON

/// `chaos proxy toxic`: what degrades a proxy's connections.
enum ProxyToxicCommand {
    static let command = Command(
        "toxic",
        summary: "add, change and remove the toxics of a proxy",
        subcommands: [types, add, update, remove]
    )

    private static let proxy = Argument("PROXY", "The proxy's name: 'chaos proxy list'.")
    private static let toxic = Argument("TOXIC", "The toxic's name: 'chaos proxy inspect PROXY'.")
    private static let toxicity = Option(
        "toxicity",
        value: "SHARE",
        "The share of connections that it hits: 0.5 or 50%.",
        defaultText: "1"
    )
    private static let ttl = Option(
        "ttl",
        value: "TIME",
        "It removes itself after this time, e.g. 30s; needs a server of ours."
    )

    private static let types = Command(
        "types",
        summary: "list the types of toxics with their attributes",
        discussion: "Of 'chaos proxy serve'; Toxiproxy has fewer. No server is asked.",
        options: [Option("json", "Print the list as JSON.")],
        action: { invocation in
            let types = ToxicCatalogue.types
            Console.answer(
                invocation.has("json")
                    ? ProxyText.json(types: types).serialized(pretty: true)
                    : ProxyText.list(types: types, width: ProxyRequestCommand.width)
            )
            return ExitStatus.held
        }
    )

    private static let add = Command(
        "add",
        summary: "add a toxic to a proxy; open connections have it at once",
        discussion: """
            SPEC is TYPE:ATTRIBUTE=VALUE,… and values take units: times (100ms, 2s), sizes \
            (64KiB), rates (100kB/s). A bare number is in the API's own unit. 'chaos proxy toxic \
            types' lists the types and their attributes; which connections or events are hit \
            can be said as well: every=5, nth=2, first=3, percent=10, by=connection.
            """,
        arguments: [proxy, Argument("SPEC", "E.g. latency:latency=100ms,jitter=20ms.")],
        options: [
            Option(
                "stream",
                value: "WORD",
                "Which way: from the client (upstream) or from the server (downstream).",
                defaultText: "downstream",
                choices: ["upstream", "downstream"]
            ),
            toxicity,
            Option("name", value: "NAME", "Its name.", defaultText: "TYPE_STREAM"),
            ttl, ProxyRequestCommand.api, ProxyRequestCommand.json,
        ],
        examples: [
            Example(
                "chaos proxy toxic add db latency:latency=100ms,jitter=20ms --ttl 30s",
                "Slow answers for half a minute."
            ),
            Example(
                "chaos proxy toxic add db bandwidth:rate=100kB/s --stream upstream --toxicity 50%",
                "Every second client sends slowly."
            ),
        ],
        action: { invocation in
            let name = invocation.arguments[0]
            return try ProxyRequestCommand.ask(invocation) { client in
                var text = try ToxicText(parsing: invocation.arguments[1], as: "")
                for option in ["stream", "toxicity", "name", "ttl"] {
                    if let value = invocation.value(option) { try text.set(option, to: value) }
                }
                let answer = try await client.addToxic(text.json, to: name)
                report("added", answer, of: name, invocation, client)
            }
        }
    )

    private static let update = Command(
        "update",
        summary: "change a toxic on open connections",
        discussion: "Attributes that are not named stay as they are.",
        arguments: [
            proxy, toxic,
            Argument("SETTINGS", "E.g. latency=50ms,jitter=0.", arity: .optional),
        ],
        options: [toxicity, ttl, ProxyRequestCommand.api, ProxyRequestCommand.json],
        examples: [
            Example(
                "chaos proxy toxic update db latency_downstream latency=1s --ttl 30s",
                "Slower still, and its lease begins anew."
            )
        ],
        action: { try change($0) }
    )

    private static let remove = Command(
        "remove",
        summary: "remove a toxic; open connections are rid of it at once",
        arguments: [proxy, toxic],
        options: [ProxyRequestCommand.api],
        action: { invocation in
            let (name, toxic) = (invocation.arguments[0], invocation.arguments[1])
            return try ProxyRequestCommand.ask(invocation) { client in
                let hits = try await client.toxic(toxic, of: name)["hits"]?.integerValue
                try await client.removeToxic(toxic, of: name)
                Console.answer(
                    "removed \(toxic) from \(name)"
                        + (hits.map { "; it hit \($0) \($0 == 1 ? "time" : "times")" } ?? "")
                )
            }
        }
    )

    private static func change(_ invocation: Invocation) throws -> Int32 {
        let (name, toxic) = (invocation.arguments[0], invocation.arguments[1])
        let settings = invocation.arguments.count > 2 ? invocation.arguments[2] : ""
        guard !settings.isEmpty || invocation.has("toxicity") || invocation.has("ttl") else {
            throw UsageError(
                path: invocation.path,
                message: "nothing to change. Name attributes (latency=50ms), --toxicity or --ttl."
            )
        }
        return try ProxyRequestCommand.ask(invocation) { client in
            let type = try await client.toxic(toxic, of: name)["type"]?.stringValue ?? ""
            var text = try ToxicText(settings: settings, of: type)
            for option in ["toxicity", "ttl"] {
                if let value = invocation.value(option) { try text.set(option, to: value) }
            }
            let answer = try await client.updateToxic(toxic, text.json, of: name)
            report("changed", answer, of: name, invocation, client)
        }
    }

    private static func report(
        _ verb: String,
        _ answer: JSONValue,
        of proxy: String,
        _ invocation: Invocation,
        _ client: ProxyClient
    ) {
        if invocation.has("ttl"), answer["ttl"] == nil {
            let toxic = answer["name"]?.stringValue ?? "TOXIC"
            Console.say(
                "note: the server at \(client.url) knows no leases; remove the toxic by hand: "
                    + "chaos proxy toxic remove \(proxy) \(toxic)"
            )
        }
        guard !invocation.has("json") else {
            return Console.answer(answer.serialized(pretty: true))
        }
        Console.answer("\(verb) \(ProxyText.sentence(toxic: answer)) on \(proxy)")
    }
}
