import EventLoop
import HTTP
import JSON
import Synchronization
import Testing

/// A receiver of traces on a real socket: OTLP over HTTP, JSON.
final class Collector: Sendable {
    /// A span as it arrived, with the process that sent it.
    struct Span: Sendable {
        var service: String
        var instance: String
        var json: JSONValue

        var name: String { json["name"]?.stringValue ?? "" }
        var id: String { json["spanId"]?.stringValue ?? "" }
        var parent: String? { json["parentSpanId"]?.stringValue }
        var trace: String { json["traceId"]?.stringValue ?? "" }
        var isFailed: Bool { json["status"]?["code"] == 2 }

        func attribute(_ name: String) -> JSONValue? {
            let all = json["attributes"]?.arrayValue ?? []
            let value = all.first { $0["key"]?.stringValue == name }?["value"]?.objectValue
            return value?.members.first?.value
        }
    }

    private struct State {
        var spans: [Span] = []
        var requests = 0
        var refusals: [Int] = []
    }

    let server: HTTPServer
    private let state: Received

    /// What the handler and the collector share.
    private final class Received: Sendable {
        let state = Mutex(State())

        func take(_ request: HTTPRequest) throws -> HTTPResponse {
            let refusal = state.withLock { state in
                state.requests += 1
                return state.refusals.isEmpty ? nil : state.refusals.removeFirst()
            }
            if let refusal { return HTTPResponse(status: refusal) }
            guard request.method == "POST", request.path == "/v1/traces",
                request.headers["Content-Type"] == "application/json"
            else { return HTTPResponse(status: 404) }
            let spans = try Self.spans(JSONValue.parse(request.body))
            state.withLock { $0.spans += spans }
            return .json("{}")
        }

        private static func spans(_ body: JSONValue) throws -> [Span] {
            var spans: [Span] = []
            for resource in try #require(body["resourceSpans"]?.arrayValue) {
                let process = Span(service: "", instance: "", json: resource["resource"] ?? .null)
                for scope in try #require(resource["scopeSpans"]?.arrayValue) {
                    for json in try #require(scope["spans"]?.arrayValue) {
                        spans.append(
                            Span(
                                service: process.attribute("service.name")?.stringValue ?? "",
                                instance: process.attribute("service.instance.id")?.stringValue
                                    ?? "",
                                json: json
                            )
                        )
                    }
                }
            }
            return spans
        }
    }

    /// Listens on the current loop; answers the first requests with `refusals`.
    static func start(refusals: [Int] = []) async throws -> Collector {
        let received = Received()
        received.state.withLock { $0.refusals = refusals }
        let server = try await HTTPServer.start(on: SocketAddress(parsing: "127.0.0.1:0")) {
            try received.take($0)
        }
        return Collector(server, received)
    }

    private init(_ server: HTTPServer, _ state: Received) {
        self.server = server
        self.state = state
    }

    var url: String { "http://\(server.address)" }
    var requests: Int { state.state.withLock { $0.requests } }

    func spans(of trace: String) -> [Span] {
        state.state.withLock { $0.spans }.filter { $0.trace == trace }
    }

    var all: [Span] { state.state.withLock { $0.spans } }

    /// Waits until what arrived is as wished; twenty seconds at most.
    func until(_ wished: (Collector) -> Bool) async throws {
        for _ in 0..<1000 {
            if wished(self) { return }
            try await Loop.current?.sleep(for: .milliseconds(20))
        }
        Issue.record("the spans never came: \(all.map { "\($0.service) \($0.name)" }.sorted())")
    }
}
