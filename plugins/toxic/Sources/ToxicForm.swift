import JSON

/// How one function of the plugin becomes a toxic of the proxy.
struct ToxicForm: Sendable {
    /// The plugin's function.
    let function: String
    /// The proxy's toxic.
    let type: String
    /// What a hit is.
    let unit: String
    /// The protocol that the link must speak; `nil`: any.
    var needs: String?
    /// The toxic's attributes from the function's arguments (durations in milliseconds).
    var attributes: @Sendable (JSONObject) -> JSONObject = { _ in [:] }

    /// The functions that work on any link.
    private static let streamForms: [ToxicForm] = [
        ToxicForm(function: "latency", type: "latency", unit: "chunks delayed") { arguments in
            ["latency": whole(arguments["latency"]), "jitter": whole(arguments["jitter"])]
        },
        ToxicForm(function: "timeout", type: "timeout", unit: "chunks lost and connections closed")
        {
            ["timeout": whole($0["timeout"])]
        },
        ToxicForm(function: "reset-peer", type: "reset_peer", unit: "connections reset") {
            ["timeout": whole($0["timeout"])]
        },
        ToxicForm(function: "bandwidth", type: "bandwidth", unit: "chunks slowed") { arguments in
            // The proxy counts in kilobytes; less than one would stall for ever.
            let bytes = arguments["rate"]?.doubleValue ?? 0
            return ["rate": .integer(max(1, Int64(bytes / 1_000)))]
        },
    ]

    /// Every function that is a toxic.
    static let forms = streamForms + postgresForms + httpForms

    /// What is hit and which occurrences of it; `nil`: everything.
    ///
    /// - Throws: `ToxicError` when more than one way of counting is given.
    static func match(_ arguments: JSONObject) throws -> JSONValue? {
        var match = JSONObject()
        for name in ["every", "nth", "first"] { match[name] = arguments[name].map(whole) }
        if let share = arguments["percent"]?.doubleValue { match["percent"] = .number(share * 100) }
        guard match.count <= 1 else {
            let names = match.names.joined(separator: " and ")
            throw ToxicError("\(names) cannot hold together — arguments. Give only one of them.")
        }
        for name in ["sql", "table", "transaction", "application-name", "method", "path"] {
            match[name.replacing("-", with: "_")] = arguments[name]
        }
        match["status"] = arguments["response-status"]
        return match.isEmpty ? nil : .object(match)
    }

    static func whole(_ value: JSONValue?) -> JSONValue {
        let number = (value?.doubleValue ?? 0).rounded()
        return .integer(Int64(exactly: number) ?? 0)
    }

    /// A flag as the proxy takes it: 0 or 1.
    static func flag(_ value: JSONValue?) -> JSONValue {
        .integer(value?.boolValue ?? false ? 1 : 0)
    }
}
