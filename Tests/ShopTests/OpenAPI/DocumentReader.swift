import HTTP
import JSON
import ShopCore

/// Reads an OpenAPI document and holds requests and answers against it.
struct DocumentReader {
    let check: SchemaCheck

    /// An operation of the document.
    struct Operation {
        var method: String
        /// `/orders/{id}`.
        var path: String
        var json: JSONValue

        var name: String { "\(method) \(path)" }
        var statuses: [Int] {
            json["responses"]?.objectValue?.names.compactMap { Int($0) } ?? []
        }
    }

    init(_ document: JSONValue) {
        check = SchemaCheck(document: document)
    }

    var operations: [Operation] {
        (check.document["paths"]?.objectValue?.members ?? []).flatMap { path in
            (path.value.objectValue?.members ?? []).map { method in
                Operation(
                    method: method.name.uppercased(),
                    path: path.name,
                    json: method.value
                )
            }
        }
    }

    /// The operation that a request is for; paths without parameters go first.
    func operation(_ method: String, _ target: String) -> Operation? {
        let parts = Self.path(target).split(separator: "/")
        let fitting = operations.filter { operation in
            let pattern = operation.path.split(separator: "/")
            return operation.method == method && pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return fitting.first { !$0.path.contains("{") } ?? fitting.first
    }

    private static func path(_ target: String) -> Substring {
        target.prefix { $0 != "?" }
    }

    /// The parameters of an operation in one place: path, query or header.
    func parameters(_ operation: Operation, in place: String) -> [JSONValue] {
        (operation.json["parameters"]?.arrayValue ?? []).map(check.resolved)
            .filter { $0["in"]?.stringValue == place }
    }

    /// The schema of an operation's body.
    func body(_ operation: Operation) -> JSONValue? {
        operation.json["requestBody"]?["content"]?["application/json"]?["schema"]
    }

    /// What is wrong with an answer.
    func problems(_ response: HTTPResponse, to operation: Operation) -> [String] {
        guard let documented = operation.json["responses"]?[String(response.status)] else {
            return ["status \(response.status) is not documented"]
        }
        let answer = check.resolved(documented)
        let type = response.headers["Content-Type"].map { String($0.prefix { $0 != ";" }) } ?? ""
        guard let content = answer["content"]?[type]?["schema"] else {
            return ["content type '\(type)' is not documented"]
        }
        var problems = headers(response, answer["headers"] ?? .null)
        guard type.hasSuffix("json") else { return problems }
        do {
            problems += check.problems(try JSONValue.parse(response.body), content)
        } catch {
            problems.append("the body is no JSON: \(error)")
        }
        return problems
    }

    /// The shop's own header fields in answers.
    private static let fields = [
        ShopHeaders.version, ShopHeaders.staleness, ShopHeaders.retryAfter,
    ]

    private func headers(_ response: HTTPResponse, _ documented: JSONValue) -> [String] {
        Self.fields.flatMap { name -> [String] in
            switch (response.headers[name], documented[name]) {
            case (_?, nil): return ["\(name) is not documented"]
            case (nil, let header?): return header["required"] == true ? ["\(name) is missing"] : []
            case (let text?, let header?):
                guard let number = Int64(text) else { return ["\(name): '\(text)' is no number"] }
                return check.problems(.integer(number), header["schema"] ?? .null, at: name)
            case (nil, nil): return []
            }
        }
    }

    /// What is wrong with a request that was taken.
    func problems(
        _ target: String,
        _ headers: HTTPHeaders,
        _ body: [UInt8],
        to operation: Operation
    ) -> [String] {
        let query = target.drop { $0 != "?" }.dropFirst().split(separator: "&").map { pair in
            pair.prefix { $0 != "=" }
        }
        let known = parameters(operation, in: "query")
        var problems = query.filter { name in !known.contains { $0["name"] == "\(name)" } }
            .map { "the parameter \($0) is not documented" }
        for parameter in known where parameter["required"] == true {
            let name = parameter["name"]?.stringValue ?? ""
            if !query.contains(Substring(name)) { problems.append("\(name) is required") }
        }
        let fields = parameters(operation, in: "header")
        for parameter in fields where parameter["required"] == true {
            let name = parameter["name"]?.stringValue ?? ""
            if headers[name] == nil { problems.append("\(name) is required") }
        }
        guard let schema = self.body(operation) else {
            return problems + (body.isEmpty ? [] : ["a body is not documented"])
        }
        guard let value = try? JSONValue.parse(body) else { return problems + ["no JSON body"] }
        return problems + check.problems(value, schema)
    }
}
