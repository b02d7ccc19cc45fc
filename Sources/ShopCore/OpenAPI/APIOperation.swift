import JSON

/// What a route takes and answers: an Operation Object of OpenAPI 3.1.
package struct APIOperation: Sendable {
    package let method: String
    /// As its route has it: `/orders/:id`.
    package let pattern: String
    let id: String
    let summary: String
    let details: String?
    var parameters: [APIParameter]
    let body: APISchema?
    let answers: [APIAnswer]
    /// Whether an API key may come along.
    let takesKey: Bool
    var tag = ""

    /// `id` is unique within a service; `details` is Markdown.
    init(
        _ method: String,
        _ pattern: String,
        _ id: String,
        _ summary: String,
        details: String? = nil,
        parameters: [APIParameter] = [],
        body: APISchema? = nil,
        takesKey: Bool = false,
        _ answers: [APIAnswer]
    ) {
        self.method = method
        self.pattern = pattern
        self.id = id
        self.summary = summary
        self.details = details
        self.parameters = parameters
        self.body = body
        self.takesKey = takesKey
        self.answers = answers
    }

    /// The pattern as OpenAPI writes it: `/orders/{id}`.
    package var path: String {
        let parts = pattern.split(separator: "/").map { part in
            part.hasPrefix(":") ? "{\(part.dropFirst())}" : String(part)
        }
        return "/" + parts.joined(separator: "/")
    }

    var json: JSONObject {
        var object: JSONObject = [
            "operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary),
        ]
        object["description"] = details.map { .string($0) }
        if takesKey { object["security"] = [[:], ["apiKey": []]] }
        if !parameters.isEmpty {
            object["parameters"] = .array(parameters.map { .object($0.json) })
        }
        if let body {
            object["requestBody"] = [
                "required": true,
                "content": ["application/json": ["schema": .object(body.json)]],
            ]
        }
        object["responses"] = .object(
            JSONObject(
                answers.sorted { $0.status < $1.status }.map {
                    .init(name: String($0.status), value: .object($0.json))
                }
            )
        )
        return object
    }
}

/// A parameter of an operation.
struct APIParameter: Sendable {
    let json: JSONObject

    private init(
        _ name: String,
        in place: String,
        _ schema: APISchema,
        isRequired: Bool
    ) {
        var json: JSONObject = ["name": .string(name), "in": .string(place)]
        if isRequired { json["required"] = true }
        // The lists of the shop are texts with commas.
        if schema.json["type"] == "array" { json["explode"] = false }
        // Said once, where tools show it.
        var inner = schema.json
        json["description"] = inner["description"]
        inner["description"] = nil
        json["schema"] = .object(inner)
        self.json = json
    }

    private init(shared name: String) {
        json = ["$ref": .string("#/components/parameters/\(name)")]
    }

    static func path(_ name: String, _ schema: APISchema) -> APIParameter {
        APIParameter(name, in: "path", schema, isRequired: true)
    }

    static func query(
        _ name: String,
        _ schema: APISchema,
        isRequired: Bool = false
    ) -> APIParameter {
        APIParameter(name, in: "query", schema, isRequired: isRequired)
    }

    static func header(
        _ name: String,
        _ schema: APISchema,
        isRequired: Bool = false
    ) -> APIParameter {
        APIParameter(name, in: "header", schema, isRequired: isRequired)
    }

    /// One of `APIComponents.parameters`.
    static func shared(_ name: String) -> APIParameter { APIParameter(shared: name) }
}

/// An answer of an operation: a Response Object.
struct APIAnswer: Sendable {
    let status: Int
    let json: JSONObject

    private init(_ status: Int, _ json: JSONObject) {
        self.status = status
        self.json = json
    }

    private init(
        _ status: Int,
        _ summary: String,
        _ type: String,
        _ schema: APISchema,
        _ headers: [APIHeader]
    ) {
        var json: JSONObject = ["description": .string(summary)]
        if !headers.isEmpty {
            json["headers"] = .object(
                JSONObject(headers.map { .init(name: $0.name, value: $0.json) })
            )
        }
        json["content"] = .object([type: ["schema": .object(schema.json)]])
        self.init(status, json)
    }

    static func json(
        _ status: Int,
        _ summary: String,
        _ schema: APISchema,
        headers: [APIHeader] = []
    ) -> APIAnswer {
        APIAnswer(status, summary, "application/json", schema, headers)
    }

    static func text(_ status: Int, _ summary: String, _ schema: APISchema) -> APIAnswer {
        APIAnswer(status, summary, "text/plain", schema, [])
    }

    static func problem(
        _ status: Int,
        _ summary: String,
        headers: [APIHeader] = []
    ) -> APIAnswer {
        APIAnswer(status, summary, "application/problem+json", .named("Problem"), headers)
    }

    /// One of `APIComponents.answers`.
    static func shared(_ status: Int, _ name: String) -> APIAnswer {
        APIAnswer(status, ["$ref": .string("#/components/responses/\(name)")])
    }
}

/// A header field of an answer.
struct APIHeader: Sendable {
    let name: String
    let json: JSONValue

    init(_ name: String, _ schema: APISchema, isRequired: Bool) {
        var inner = schema.json
        var json: JSONObject = [:]
        json["description"] = inner["description"]
        inner["description"] = nil
        if isRequired { json["required"] = true }
        json["schema"] = .object(inner)
        self.name = name
        self.json = .object(json)
    }
}
