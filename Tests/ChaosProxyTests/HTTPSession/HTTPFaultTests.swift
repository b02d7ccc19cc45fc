import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosProxy

/// A real HTTP server behind the proxy that remembers what it was asked.
// Unchecked: everything happens on the rig's loop.
final class HTTPRig: @unchecked Sendable {
    let proxy: ProxyRig
    private(set) var url = ""
    /// Method, path and body of each request that the server acted on.
    private(set) var acted: [String] = []
    let client = HTTPClient()

    init(_ proxy: ProxyRig) {
        self.proxy = proxy
    }

    static func run(_ body: @escaping @Sendable (HTTPRig) async throws -> Void) async throws {
        try await ProxyRig.run { proxy in
            let rig = HTTPRig(proxy)
            let server = try await HTTPServer.start(
                on: try SocketAddress(parsing: "127.0.0.1:0")
            ) { request in
                rig.acted.append("\(request.method) \(request.path) \(request.body.count)")
                let status = request.path == "/broken" ? 500 : 200
                return HTTPResponse.text("\(rig.acted.count)", status: status)
            }
            rig.url = "http://\(try await proxy.proxy(to: server.address, protocol: "http"))"
            do {
                try await body(rig)
            } catch {
                rig.client.close()
                await server.shutdown(grace: .zero)
                throw error
            }
            rig.client.close()
            await server.shutdown(grace: .zero)
        }
    }

    /// Asks through the proxy; the status and the body, or how it failed.
    func ask(_ method: String, _ path: String, size: Int = 3) async -> String {
        do throws(HTTPError) {
            let answer = try await client.request(
                method,
                url: url + path,
                body: [UInt8](repeating: 0x61, count: method == "GET" ? 0 : size),
                timeout: .seconds(5)
            )
            return "\(answer.status) \(answer.text)"
        } catch {
            return error.isDefinite ? "refused" : "unknown"
        }
    }

    func toxic(
        _ type: String,
        _ attributes: String = "{}",
        match: String? = nil,
        stream: String = "downstream"
    ) async throws {
        let matching = match.map { #","match":\#($0)"# } ?? ""
        try await proxy.toxic(
            #"{"type":"\#(type)","name":"t","stream":"\#(stream)","attributes":\#(attributes)"#
                + matching + "}"
        )
    }

    func removeToxic() async throws {
        try await proxy.ask("DELETE", "/proxies/p/toxics/t")
    }

    func firings() async throws -> JSONValue {
        try await proxy.ask("GET", "/proxies/p/toxics/t/firings")
    }
}

/// HTTP toxics with a real server: what counts is what it did, not only what the client saw.
@Suite(.serialized)
struct HTTPFaultTests {
    @Test
    func `a lost response leaves the client in doubt about what the server did`() async throws {
        try await HTTPRig.run { rig in
            // The connection is open and kept before the toxic comes.
            #expect(await rig.ask("POST", "/charges") == "200 1")
            try await rig.toxic("http_lose_response", match: #"{"method":"POST","nth":2}"#)
            #expect(await rig.ask("POST", "/charges") == "200 2")
            #expect(await rig.ask("POST", "/charges?token=secret") == "unknown")
            #expect(await rig.ask("POST", "/charges") == "200 4")
            #expect(rig.acted.count == 4, "the server acted on what was lost")
            let detail = try await rig.firings()["firings"]?[0]?["detail"]
            #expect(detail?["path"] == "/charges", "queries are nobody's business")
            #expect(detail?["status"] == 200)
            #expect(detail?["occurrence"] == 2)
        }
    }

    @Test
    func `a status is answered in the server's place, and the connection stays usable`()
        async throws
    {
        try await HTTPRig.run { rig in
            try await rig.toxic(
                "http_status",
                #"{"status":429,"body":"slow down"}"#,
                match: #"{"path":"^/charges","every":2}"#
            )
            #expect(await rig.ask("POST", "/charges", size: 300_000) == "200 1")
            #expect(await rig.ask("POST", "/charges", size: 300_000) == "429 slow down")
            #expect(await rig.ask("GET", "/other") == "200 2")
            #expect(rig.acted == ["POST /charges 300000", "GET /other 0"])
            let connections = try await rig.proxy.ask("GET", "/proxies/p/connections")
            #expect(connections.arrayValue?.count == 1)
        }
    }

    @Test
    func `an aborted request never reaches the server`() async throws {
        try await HTTPRig.run { rig in
            try await rig.toxic("http_abort", match: #"{"method":"POST"}"#)
            #expect(await rig.ask("POST", "/charges") == "unknown")
            #expect(await rig.ask("GET", "/charges") == "200 1")
            #expect(rig.acted == ["GET /charges 0"])
        }
    }

    @Test(arguments: ["upstream", "downstream"])
    func `a delay holds the request or the response`(_ stream: String) async throws {
        try await HTTPRig.run { rig in
            try await rig.toxic("http_delay", #"{"delay":60000}"#, stream: stream)
            let loop = try #require(Loop.current)
            // Owned by this test, which awaits it.
            let waiting = loop.spawn { await rig.ask("POST", "/charges") }
            #expect(try await eventually { try await rig.firings()["hits"] == 1 })
            if stream == "downstream" {
                #expect(rig.acted.count == 1, "the server has acted")
            } else {
                #expect(rig.acted.isEmpty, "the server knows nothing")
            }
            try await rig.removeToxic()
            #expect(try await waiting.value == "200 1")
        }
    }

    @Test
    func `a delay is as long as it says`() async throws {
        try await HTTPRig.run { rig in
            try await rig.toxic("http_delay", #"{"delay":300}"#, match: #"{"status":"5xx"}"#)
            #expect(await rig.ask("POST", "/charges") == "200 1")
            let time = try await milliseconds {
                #expect(await rig.ask("POST", "/broken") == "500 2")
            }
            #expect(time >= 300)
            #expect(try await rig.firings()["hits"] == 1)
        }
    }

    @Test(arguments: ["http_duplicate_request", "duplicate"])
    func `a request that is sent twice is done twice, and the client sees the first answer`(
        _ type: String
    ) async throws {
        try await HTTPRig.run { rig in
            try await rig.toxic(type, match: #"{"method":"POST"}"#)
            #expect(await rig.ask("POST", "/charges", size: 20_000) == "200 1")
            #expect(await rig.ask("GET", "/charges") == "200 3")
            #expect(
                rig.acted == ["POST /charges 20000", "POST /charges 20000", "GET /charges 0"]
            )
            // Too long to be kept: left alone and not counted.
            #expect(await rig.ask("POST", "/charges", size: 100_000) == "200 4")
            #expect(try await rig.firings()["hits"] == 1)
        }
    }

    @Test
    func `without a toxic and behind its removal nothing is looked at`() async throws {
        try await HTTPRig.run { rig in
            try await rig.toxic("http_status", match: #"{"nth":1000}"#)
            #expect(await rig.ask("POST", "/charges", size: 500_000) == "200 1")
            try await rig.removeToxic()
            for number in 2...5 { #expect(await rig.ask("POST", "/x") == "200 \(number)") }
        }
    }
}
