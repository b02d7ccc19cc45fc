import CommandLine
import JSON
import ShopCore

/// The words of `chaos shop openapi`.
enum OpenAPICommand {
    private static let known = ShopRole.allCases.map(\.rawValue)

    static let command = Command(
        "openapi",
        summary: "print the OpenAPI document of a service's HTTP API",
        discussion: """
            OpenAPI 3.1 as JSON; no shop needs to run. Each service also serves its own at \
            GET /openapi.json.
            """,
        arguments: [
            Argument(
                "SERVICE",
                "One of: \(known.joined(separator: ", ")). The gateway when left out.",
                arity: .optional
            )
        ],
        examples: [Example("chaos shop openapi payments", "What payments take and answer.")],
        action: { invocation in
            let word = invocation.arguments.first ?? ShopRole.gateway.rawValue
            guard let role = ShopRole(rawValue: word) else {
                let guess = Spelling.nearest(to: word, in: known)
                throw UsageError(
                    path: invocation.path,
                    message: "there is no service '\(word)'."
                        + (guess.map { " Did you mean '\($0)'?" } ?? "")
                        + " Use one of: \(known.joined(separator: ", "))."
                )
            }
            Console.answer(ShopAPI.document(of: role).serialized(pretty: true))
            return ExitStatus.held
        }
    )
}
