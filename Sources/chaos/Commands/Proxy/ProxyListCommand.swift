import ChaosProxy
import CommandLine
import JSON

/// `chaos proxy list`.
enum ProxyListCommand {
    static let command = Command(
        "list",
        summary: "list the proxies of a server",
        options: [ProxyRequestCommand.api, ProxyRequestCommand.json],
        action: { invocation in
            let isJSON = invocation.has("json")
            return try ProxyRequestCommand.ask(invocation) { client in
                let answer = try await client.proxies()
                guard !isJSON else { return Console.answer(answer.serialized(pretty: true)) }
                Console.answer(
                    ProxyText.list(answer, at: client.url, width: ProxyRequestCommand.width)
                )
            }
        }
    )
}

/// `chaos proxy inspect`.
enum ProxyInspectCommand {
    static let command = Command(
        "inspect",
        summary: "tell everything about one proxy: toxics, hits, leases, connections",
        arguments: [Argument("PROXY", "Its name: 'chaos proxy list'.")],
        options: [ProxyRequestCommand.api, ProxyRequestCommand.json],
        action: { invocation in
            let name = invocation.arguments[0]
            let isJSON = invocation.has("json")
            return try ProxyRequestCommand.ask(invocation) { client in
                var answer = try await client.proxy(name)
                let connections = try await client.connections(of: name)
                if isJSON {
                    if let connections, case .object(var object) = answer {
                        object["connections"] = .array(connections)
                        answer = .object(object)
                    }
                    return Console.answer(answer.serialized(pretty: true))
                }
                Console.answer(
                    ProxyText.details(answer, connections, width: ProxyRequestCommand.width)
                )
            }
        }
    )
}
