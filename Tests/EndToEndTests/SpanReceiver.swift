import EventLoop
import HTTP
import JSON
import Synchronization

/// Listens for traces on a loop of its own, and knows which services sent some.
final class SpanReceiver: Sendable {
    private final class Names: Sendable {
        let all = Mutex<Set<String>>([])
    }

    let url: String
    private let names: Names
    private let loop: Loop

    private init(url: String, names: Names, loop: Loop) {
        self.url = url
        self.names = names
        self.loop = loop
    }

    deinit { loop.stop() }

    static func start() async throws -> SpanReceiver {
        let loop = try Loop.start(label: "receiver")
        let names = Names()
        let server = try await loop.spawn {
            try await HTTPServer.start(on: SocketAddress(parsing: "127.0.0.1:0")) { request in
                let body = try JSONValue.parse(request.body)
                let resource = body["resourceSpans"]?[0]?["resource"]?["attributes"]
                let name = resource?[0]?["value"]?["stringValue"]?.stringValue ?? "?"
                _ = names.all.withLock { $0.insert(name) }
                return .json("{}")
            }
        }.value
        return SpanReceiver(url: "http://\(server.address)", names: names, loop: loop)
    }

    /// The services that sent spans so far.
    var services: Set<String> { names.all.withLock { $0 } }
}
