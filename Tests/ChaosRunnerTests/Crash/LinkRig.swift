import ChaosModel
import ChaosProxy
import EventLoop
import HTTP
import JSON
import Testing

/// A proxy server with one link that leads nowhere; on the loop of the test.
// Unchecked: everything happens on that loop.
final class LinkRig: @unchecked Sendable {
    static let link = "a->b"

    private let server: ProxyServer
    private let http = HTTPClient()
    private let wireProtocol: SystemDescription.Link.WireProtocol

    init(_ wireProtocol: SystemDescription.Link.WireProtocol) async throws {
        self.wireProtocol = wireProtocol
        var options = ProxyServerOptions()
        options.port = 0
        options.seed = 1
        options.loopCount = 1
        server = try await ProxyServer.start(options)
        // Port 9 of loopback: nothing listens there, and nothing has to.
        let body: JSONValue = [
            "name": "a->b", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9",
            "protocol": .string(wireProtocol.rawValue),
        ]
        let answer = try await http.request(
            "POST",
            url: "http://\(server.address)/proxies",
            body: Array(body.serialized().utf8),
            timeout: .seconds(10)
        )
        try #require(answer.status == 201, "\(answer.text)")
    }

    var system: SystemDescription {
        get async {
            var system = SystemDescription(
                name: "link",
                services: [],
                links: [.init(name: Self.link, wireProtocol: wireProtocol)],
                databases: []
            )
            system.proxyAPI = "http://\(server.address)"
            return system
        }
    }

    /// Whether the link is up and has no toxic, as the proxy's API tells it.
    var isClean: Bool {
        get async throws {
            let answer = try await http.request(
                "GET",
                url: "http://\(server.address)/proxies/a-%3Eb",
                timeout: .seconds(10)
            )
            let proxy = try JSONValue.parse(answer.body)
            return proxy["enabled"] == true && proxy["toxics"]?.arrayValue?.isEmpty == true
        }
    }

    func stop() async {
        http.close()
        await server.shutdown()
    }
}
