package import JSON

/// The HTTP APIs of the services as OpenAPI 3.1 documents, one for each role.
///
/// ```
/// operations (below, by service) ─┐
/// APIComponents, those in use ────┴─▶ document ─▶ GET /openapi.json · chaos shop openapi ·
///                                                 docs/reference/openapi
/// ```
/// Which routes exist the services decide: tests hold the documents against them, both ways, and
/// against every answer of a running shop.
package enum ShopAPI {
    /// What a role answers, in the order of its document.
    package static func operations(of role: ShopRole) -> [APIOperation] {
        let own = own(of: role).map { operation in
            var operation = operation
            operation.tag = role.rawValue
            operation.parameters += [.shared("Traceparent"), .shared("Tracestate")]
            return operation
        }
        let common = common.map { operation in
            var operation = operation
            operation.tag = "process"
            return operation
        }
        return own + common
    }

    private static func own(of role: ShopRole) -> [APIOperation] {
        switch role {
        case .gateway: gateway
        case .orders: orders
        case .inventory: inventory
        case .payments: payments
        case .processor: processor + behaviours
        case .ordersRelay, .inventoryRelay, .paymentsRelay: []
        case .notifications: deadLetters
        case .projector: projector + deadLetters
        case .reconciler: reconciler
        }
    }

    /// A role's document.
    package static func document(of role: ShopRole) -> JSONValue {
        let operations = operations(of: role)
        var paths = JSONObject()
        for operation in operations {
            var item = paths[operation.path]?.objectValue ?? [:]
            item[operation.method.lowercased()] = .object(operation.json)
            paths[operation.path] = .object(item)
        }
        var document: JSONObject = [
            "openapi": "3.1.0", "info": info(of: role),
            "servers": [["url": "/", "description": .string(server)]],
        ]
        let summaries = [
            role.rawValue: role.facts.summary + ".", "process": "What every process answers.",
        ]
        let tags = [role.rawValue, "process"].filter { tag in
            operations.contains { $0.tag == tag }
        }
        document["tags"] = .array(
            tags.map { ["name": .string($0), "description": .string(summaries[$0] ?? "")] }
        )
        document["paths"] = .object(paths)
        var components = APIComponents.used(by: .object(paths))
        if operations.contains(where: \.takesKey) {
            components["securitySchemes"] = ["apiKey": apiKey]
        }
        document["components"] = .object(components)
        return .object(document)
    }

    private static func info(of role: ShopRole) -> JSONValue {
        [
            "title": .string("chaos shop: \(role.rawValue)"), "version": "1",
            "summary": .string(role.facts.summary + "."),
            "description": """
            Amounts are whole cents, times RFC 3339 in UTC. Whoever hears 503 sends the same \
            request again, with the same key, after `Retry-After` seconds: it may or may not \
            have had its effect. A path that is not here answers 404, a method that is not 405, \
            both as `application/problem+json`; what is no HTTP, or too large, the server \
            refuses in plain text.
            """,
            "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
        ]
    }

    private static let server = """
        The process that serves this document at /openapi.json; `chaos shop status` lists the \
        addresses.
        """

    private static let apiKey: JSONValue = [
        "type": "apiKey", "in": "header", "name": .string(ShopHeaders.apiKey),
        "description": """
        Names the client, whose rate of requests a second all gateways share. Without it a \
        request is nobody's in particular and has no limit.
        """,
    ]

    private static let common = [
        APIOperation(
            "GET",
            "/health",
            "health",
            "Whether the process serves, and its database answers within a second",
            [
                .json(
                    200,
                    "It does.",
                    .object(
                        "The process serves.",
                        [
                            APIField("status", .choice("Always so.", ["ok"])),
                            APIField(
                                "role",
                                .choice("What it is.", ShopRole.allCases.map(\.rawValue))
                            ),
                        ]
                    )
                ),
                .shared(503, "Unavailable"),
            ]
        ),
        APIOperation(
            "GET",
            "/metrics",
            "metrics",
            "What the process counts and measures",
            [.text(200, "Prometheus' text format.", .text("One sample a line."))]
        ),
        APIOperation(
            "GET",
            "/openapi.json",
            "openapi",
            "This document",
            [
                .json(
                    200,
                    "OpenAPI 3.1.",
                    .map("The document.", of: .anything)
                )
            ]
        ),
    ]
}
