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
    /// Whether connects hang while it lasts: then the fault tries one itself.
    var hangsConnects = false
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
        ToxicForm(function: "bandwidth", type: "bandwidth", unit: "chunks slowed") {
            ["rate": kilobytes($0["rate"])]
        },
        ToxicForm(function: "shared-bandwidth", type: "shared_bandwidth", unit: "chunks slowed") {
            ["rate": kilobytes($0["rate"])]
        },
        ToxicForm(function: "slow-close", type: "slow_close", unit: "ends held back") {
            ["delay": whole($0["delay"])]
        },
        ToxicForm(function: "slicer", type: "slicer", unit: "slices cut") { arguments in
            [
                "average_size": whole(arguments["average-size"]),
                "size_variation": whole(arguments["size-variation"]),
                // The proxy counts in microseconds.
                "delay": whole(arguments["delay"], times: 1_000),
            ]
        },
        ToxicForm(function: "limit-data", type: "limit_data", unit: "connections closed") {
            ["bytes": whole($0["bytes"])]
        },
        ToxicForm(function: "loss", type: "loss", unit: "chunks lost") { arguments in
            [
                "percent": percent(arguments["share"], or: 0),
                "bad_percent": percent(arguments["bad-share"], or: 1),
                "to_bad_percent": percent(arguments["to-bad"], or: 0),
                "to_good_percent": percent(arguments["to-good"], or: 1),
            ]
        },
        ToxicForm(function: "corrupt", type: "corrupt", unit: "chunks corrupted") { arguments in
            [
                "percent": percent(arguments["share"], or: 1),
                "bits": whole(arguments["bits"] ?? 1),
            ]
        },
        ToxicForm(
            function: "syn-blackhole",
            type: "syn_blackhole",
            unit: "connection attempts dropped",
            hangsConnects: true
        ),
    ]

    /// Every function that is a toxic.
    static let forms = streamForms + postgresForms + httpForms

    /// What is hit and which occurrences of it; `nil`: everything.
    ///
    /// - Throws: `ToxicError` when more than one way of counting is given.
    static func match(_ arguments: JSONObject) throws -> JSONValue? {
        var match = JSONObject()
        for name in ["every", "nth", "first"] { match[name] = arguments[name].map { whole($0) } }
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

    /// A number rounded to a whole one.
    static func whole(_ value: JSONValue?, times scale: Double = 1) -> JSONValue {
        let number = ((value?.doubleValue ?? 0) * scale).rounded()
        return .integer(Int64(exactly: number) ?? 0)
    }

    /// Bytes a second in kilobytes, as the proxy counts; less than one would stall for ever.
    private static func kilobytes(_ value: JSONValue?) -> JSONValue {
        .integer(max(1, Int64((value?.doubleValue ?? 0) / 1_000)))
    }

    private static func percent(_ share: JSONValue?, or value: Double) -> JSONValue {
        .number((share?.doubleValue ?? value) * 100)
    }

    /// A flag as the proxy takes it: 0 or 1.
    static func flag(_ value: JSONValue?) -> JSONValue {
        .integer(value?.boolValue ?? false ? 1 : 0)
    }
}
