import JSON

extension ToxicForm {
    /// The functions that need a link which speaks PostgreSQL.
    static let postgresForms: [ToxicForm] = [
        postgres("lose-commit-ack", "lose_commit_ack", "acknowledgements lost") {
            ["ask_transaction_id": flag($0["ask-transaction-id"])]
        },
        postgres("drop-commit", "drop_commit", "commits dropped") {
            ["ask_transaction_id": flag($0["ask-transaction-id"])]
        },
        postgres("delay-commit-ack", "delay_commit_ack", "acknowledgements delayed") {
            [
                "delay": whole($0["delay"]),
                "ask_transaction_id": flag($0["ask-transaction-id"]),
            ]
        },
        postgres("pg-error", "pg_error", "errors told") { arguments in
            var attributes = texts(["sqlstate", "message", "at"], arguments)
            attributes["statement"] = whole(arguments["statement"])
            return attributes
        },
        postgres("partial-result", "partial_result", "results cut") {
            ["row": whole($0["row"])]
        },
        postgres("terminate", "terminate", "sessions terminated") { texts(["message"], $0) },
        postgres("refuse-startup", "refuse_startup", "sessions refused or held") {
            texts(["sqlstate", "message", "mode"], $0)
        },
        postgres("stall", "stall", "transactions stalled") { ["timeout": whole($0["timeout"])] },
        postgres("slow-query", "slow_query", "statements delayed") {
            ["delay": whole($0["delay"])]
        },
        postgres("duplicate-statement", "duplicate_statement", "statements sent twice"),
    ]

    /// The functions that need a link which speaks HTTP.
    static let httpForms: [ToxicForm] = [
        http("http-status", "http_status", "requests answered") { arguments in
            var attributes = texts(["body"], arguments)
            attributes["status"] = arguments["status"].map { whole($0) }
            return attributes
        },
        http("http-delay", "http_delay", "messages delayed") { ["delay": whole($0["delay"])] },
        http("http-abort", "http_abort", "requests aborted"),
        http("http-lose-response", "http_lose_response", "responses lost"),
        http("http-duplicate-request", "http_duplicate_request", "requests sent twice"),
    ]

    private static func postgres(
        _ function: String,
        _ type: String,
        _ unit: String,
        attributes: @escaping @Sendable (JSONObject) -> JSONObject = { _ in [:] }
    ) -> ToxicForm {
        ToxicForm(
            function: function,
            type: type,
            unit: unit,
            needs: "postgres",
            attributes: attributes
        )
    }

    private static func http(
        _ function: String,
        _ type: String,
        _ unit: String,
        attributes: @escaping @Sendable (JSONObject) -> JSONObject = { _ in [:] }
    ) -> ToxicForm {
        ToxicForm(
            function: function,
            type: type,
            unit: unit,
            needs: "http",
            attributes: attributes
        )
    }

    /// The arguments that the proxy takes by the same names.
    private static func texts(_ names: [String], _ arguments: JSONObject) -> JSONObject {
        var attributes = JSONObject()
        for name in names { attributes[name] = arguments[name] }
        return attributes
    }
}
