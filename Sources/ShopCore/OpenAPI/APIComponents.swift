import JSON

/// What operations share; a document has those that it uses.
enum APIComponents {
    static let schemas: [(name: String, schema: APISchema)] =
        common + orderSchemas + stockSchemas + moneySchemas + behaviourSchemas + readSchemas

    static let parameters: [(name: String, parameter: APIParameter)] = [
        (
            "IdempotencyKey",
            .header(
                ShopHeaders.idempotencyKey,
                .text(
                    "Names the effect: one key, one effect, however often it is asked for. It is "
                        + "bound to what the body means. Visible ASCII characters.",
                    pattern: "^[!-~]{1,200}$"
                ),
                isRequired: true
            )
        ),
        (
            "MessageId",
            .header(
                ShopHeaders.messageID,
                .text(
                    "Names the message: a redelivery carries the same and gets the same answer.",
                    pattern: "^[!-~]{1,200}$"
                ),
                isRequired: true
            )
        ),
        (
            "Deadline",
            .header(
                ShopHeaders.deadline,
                .integer(
                    "How many milliseconds the caller will still wait; what is behind this service "
                        + "is told the rest.",
                    1...Int64.max
                )
            )
        ),
        (
            "Traceparent",
            .header(
                ShopHeaders.traceparent,
                .text("W3C Trace Context: the trace that the request belongs to.")
            )
        ),
        (
            "Tracestate",
            .header(
                ShopHeaders.tracestate,
                .text("W3C Trace Context: what other systems noted in the trace.")
            )
        ),
        (
            "MinVersion",
            .query(
                "min_version",
                .integer(
                    "The X-Version that a write answered: the answer waits until the read model "
                        + "has it, two seconds unless `wait` says otherwise."
                )
            )
        ),
        (
            "MinVersionHeader",
            .header(
                ShopHeaders.minVersion,
                .integer("The same as `min_version`, which goes before it.")
            )
        ),
        ("Wait", .query("wait", wait("How long the answer may wait; at most 30 s count."))),
        (
            "ModelWait",
            .query("wait", wait("How long to wait for the version; at most 10 s count."))
        ),
    ]

    static let answers: [(name: String, answer: APIAnswer)] = [
        (
            "BadRequest",
            .problem(
                400,
                "The request is not as described here; `problems` says all that is wrong."
            )
        ),
        (
            "Unavailable",
            .problem(
                503,
                "Come again: a database, a peer or this service cannot answer now. The request may "
                    + "or may not have had its effect.",
                headers: [.retryAfter]
            )
        ),
        ("Fault", .problem(500, "An internal fault; the service's log says which.")),
    ]

    static func wait(_ summary: String) -> APISchema {
        .text(summary + " Such as `10s` or `500ms`.", pattern: "^[0-9]{1,9}(ms|s)$")
    }

    /// A Components Object with what a part of a document refers to, and what that refers to.
    static func used(by part: JSONValue) -> JSONObject {
        let sections: [(name: String, members: [JSONObject.Member])] = [
            ("schemas", schemas.map { .init(name: $0.name, value: .object($0.schema.json)) }),
            (
                "parameters",
                parameters.map { .init(name: $0.name, value: .object($0.parameter.json)) }
            ),
            ("responses", answers.map { .init(name: $0.name, value: .object($0.answer.json)) }),
        ]
        let all = JSONObject(
            sections.flatMap { section in
                section.members.map { member in
                    let name = "#/components/\(section.name)/\(member.name)"
                    return JSONObject.Member(name: name, value: member.value)
                }
            }
        )
        var used: Set<String> = []
        var open = references(in: part)
        while let reference = open.popLast() {
            guard used.insert(reference).inserted, let component = all[reference] else { continue }
            open += references(in: component)
        }
        var components = JSONObject()
        for section in sections {
            let members = section.members.filter { member in
                used.contains("#/components/\(section.name)/\(member.name)")
            }
            if !members.isEmpty { components[section.name] = .object(JSONObject(members)) }
        }
        return components
    }

    /// Every `$ref` in a value.
    private static func references(in value: JSONValue) -> [String] {
        switch value {
        case .array(let elements): elements.flatMap(references)
        case .object(let object):
            object.members.flatMap { member in
                if member.name == "$ref", let target = member.value.stringValue {
                    [target]
                } else {
                    references(in: member.value)
                }
            }
        default: []
        }
    }

    private static let common: [(name: String, schema: APISchema)] = [
        (
            "Problem",
            .object(
                "Why there is no other answer (RFC 9457); its type is `about:blank`.",
                [
                    APIField("title", .text("The status in words.")),
                    APIField("status", .integer("The HTTP status.", 400...599)),
                    APIField("detail", .text("What is wrong, where, and what to do.")),
                    APIField(
                        "problems",
                        .list(
                            "Every mistake of the request by itself.",
                            of: .text("One sentence.")
                        ),
                        isOptional: true
                    ),
                ]
            )
        )
    ]
}

extension APIHeader {
    /// How many states the order has had.
    static let version = APIHeader(
        ShopHeaders.version,
        .integer(
            "The order's version: how many states it has had. The read model waits for it when it "
                + "is sent as `min_version`.",
            1...Int64.max
        ),
        isRequired: true
    )
    static let staleness = APIHeader(
        ShopHeaders.staleness,
        .integer(
            "How many milliseconds old the read model may be; left out until it has had everything "
                + "once since its process began."
        ),
        isRequired: false
    )
    static let retryAfter = APIHeader(
        ShopHeaders.retryAfter,
        .integer("Seconds after which to come again.", 0...60),
        isRequired: true
    )
}
