import EventLoop
import HTTP
import JSON
import ShopCore
import Synchronization
import Testing

/// Calls services and holds every answer against their documents; remembers what was seen.
final class DocumentedCalls: Sendable {
    let shop: WholeShop
    private let seen = Mutex<Set<String>>([])

    init(_ shop: WholeShop) {
        self.shop = shop
    }

    static func reader(_ role: ShopRole) -> DocumentReader {
        readers[role] ?? DocumentReader(.null)
    }

    private static let readers = Dictionary(
        uniqueKeysWithValues: ShopRole.allCases.map {
            ($0, DocumentReader(ShopAPI.document(of: $0)))
        }
    )

    /// One call that must end with a status, and be as documented; its body as JSON.
    @discardableResult
    func call(
        _ request: DocumentedRequest,
        _ status: Int,
        _ place: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let response = try await send(request, place)
        #expect(
            response.status == status,
            "\(request.name): \(response.status) \(response.text)",
            sourceLocation: place
        )
        return (try? JSONValue.parse(response.body)) ?? .null
    }

    /// The same call again and again until its body is as wished; half a minute at most.
    func call(
        _ request: DocumentedRequest,
        until isWished: (HTTPResponse, JSONValue) -> Bool,
        _ place: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        var last = ""
        for _ in 0..<600 {
            let response = try await send(request, place)
            let body = (try? JSONValue.parse(response.body)) ?? .null
            if isWished(response, body) { return body }
            last = "\(response.status) \(response.text)"
            try await Loop.current?.sleep(for: .milliseconds(50))
        }
        throw TestFailure("\(request.name) never answers as wished, the last time \(last)")
    }

    private func send(
        _ request: DocumentedRequest,
        _ place: SourceLocation
    ) async throws -> HTTPResponse {
        let reader = Self.reader(request.role)
        let found = reader.operation(request.method, request.target)
        let operation = try #require(
            found,
            "\(request.name) is not documented",
            sourceLocation: place
        )
        let response = try await shop.client.request(
            request.method,
            url: (request.url ?? shop.services[request.role]?.url ?? "") + request.target,
            headers: request.headers,
            body: request.bytes,
            timeout: .seconds(20)
        )
        var problems = reader.problems(response, to: operation)
        if response.status < 300 {
            problems += reader.problems(
                request.target,
                request.headers,
                request.bytes,
                to: operation
            )
        }
        for problem in problems {
            Issue.record(
                "\(request.name), \(response.status): \(problem)\n\(response.text)",
                sourceLocation: place
            )
        }
        seen.withLock {
            _ = $0.insert("\(request.role) \(operation.name) \(response.status)")
        }
        return response
    }

    /// What is documented and was never answered.
    var unseen: [String] {
        let documented = ShopRole.allCases.flatMap { role in
            Self.reader(role).operations.flatMap { operation in
                operation.statuses.map { "\(role) \(operation.name) \($0)" }
            }
        }
        return seen.withLock { seen in documented.filter { !seen.contains($0) } }
    }
}

/// A request to a service.
struct DocumentedRequest: Sendable {
    var role: ShopRole
    var method: String
    var target: String
    var headers: HTTPHeaders = [:]
    var body: JSONValue = .null
    /// Sent as it is, in place of `body`.
    var text: String?
    /// Another instance than the shop's own.
    var url: String?

    init(
        _ role: ShopRole,
        _ method: String,
        _ target: String,
        key: String? = nil,
        message: String? = nil,
        _ body: JSONValue = .null
    ) {
        self.role = role
        self.method = method
        self.target = target
        self.body = body
        headers[ShopHeaders.idempotencyKey] = key
        headers[ShopHeaders.messageID] = message
        if !body.isNull { headers["Content-Type"] = "application/json" }
    }

    var name: String { "\(role): \(method) \(target)" }

    var bytes: [UInt8] {
        if let text { return Array(text.utf8) }
        return body.isNull ? [] : Array(body.serialized().utf8)
    }

    func with(_ name: String, _ value: String?) -> DocumentedRequest {
        var request = self
        request.headers[name] = value
        return request
    }

    func at(_ url: String) -> DocumentedRequest {
        var request = self
        request.url = url
        return request
    }
}
