import ChaosModel
import ChaosPluginAPI
import ChaosProxy
import EventLoop
import HTTP
import JSON
import Testing

@testable import FaultToxic

/// A proxy server with one link `a->b` to an echo server; on a loop of its own.
// Unchecked: everything happens on the rig's loop.
final class ToxicRig: @unchecked Sendable {
    let server: ProxyServer
    let api: String
    private(set) var listen = SocketAddress.unix("")
    private var listener: Listener?
    private let http = HTTPClient()

    init(server: ProxyServer) {
        self.server = server
        api = "http://\(server.address)"
    }

    /// Runs a test with a time limit and cleans up.
    static func run(_ body: @escaping @Sendable (ToxicRig) async throws -> Void) async throws {
        let loop = try Loop.start(label: "toxic-test")
        defer { loop.stop() }
        try await loop.spawn {
            var options = ProxyServerOptions()
            options.port = 0
            options.seed = 1
            let rig = ToxicRig(server: try await ProxyServer.start(options))
            do {
                try await withDeadline(.seconds(30)) { try await body(rig) }
            } catch {
                await rig.stop()
                throw error
            }
            await rig.stop()
        }.value
    }

    private func stop() async {
        listener?.close()
        http.close()
        await server.shutdown()
    }

    @discardableResult
    func ask(_ method: String, _ path: String, _ body: String = "") async throws -> JSONValue {
        let answer = try await http.request(
            method,
            url: api + path,
            body: Array(body.utf8),
            timeout: .seconds(5)
        )
        try #require(answer.status < 300, "\(method) \(path): \(answer.text)")
        return answer.body.isEmpty ? .null : try JSONValue.parse(answer.body)
    }

    /// Creates the link `a->b`.
    func link(to upstream: SocketAddress? = nil, protocol spoken: String = "tcp") async throws {
        let target = try upstream ?? echo()
        let body =
            #"{"name":"a->b","listen":"127.0.0.1:0","upstream":"\#(target)","#
            + #""protocol":"\#(spoken)"}"#
        let proxy = try await ask("POST", "/proxies", body)
        listen = try SocketAddress(parsing: proxy["listen"]?.stringValue ?? "")
    }

    /// The link as the proxy tells it.
    func proxy() async throws -> JSONValue { try await ask("GET", "/proxies/a-%3Eb") }

    private func echo() throws -> SocketAddress {
        let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
        self.listener = listener
        // Owned by the listener: it ends when that is closed.
        listener.loop.spawn { [loop = listener.loop] in
            while true {
                let stream = try await listener.accept()
                // Owned by the connection.
                loop.spawn {
                    var buffer = ByteBuffer()
                    while try await stream.read(into: &buffer) > 0 {
                        try await stream.write(&buffer)
                    }
                    stream.close()
                }
            }
        }
        return listener.address
    }

    /// What the runner tells a step.
    func context(_ arguments: JSONObject = [:]) -> StepContext {
        var context = StepContext(runID: "r1", arguments: arguments, seed: 7)
        context.target = .link("a->b")
        var system = SystemDescription(name: "s", services: [], links: [], databases: [])
        system.proxyAPI = api
        context.system = system
        context.lease = .seconds(10)
        return context
    }

    /// Sends a byte and waits for one, at most for two seconds; whether one came back.
    func exchange() async -> Bool {
        guard let stream = try? await Stream.connect(to: listen, timeout: .seconds(2)) else {
            return false
        }
        defer { stream.close() }
        return
            (try? await withDeadline(.seconds(2)) {
                var buffer = ByteBuffer()
                try await stream.write([1])
                return try await stream.read(into: &buffer) == 1
            }) ?? false
    }
}
