import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct ProxyServerTests {
    @Test
    func `every mistake of a configuration is told with its place`() {
        let text = """
            [
              {"name": "a", "upstream": "127.0.0.1:1"},
              {"name": "", "upstream": "x:1"},
              {"name": "b"},
                {"name": "a", "upstream": "x:1"},
              {"name": "c", "upstream": "x:1", "protocol": "udp"},
              7
            ]
            """
        let error = #expect(throws: ProxyServerError.self) {
            try ProxyConfiguration(file: "links.json", bytes: Array(text.utf8))
        }
        let tail = ". Each proxy needs name, listen and upstream as texts."
        #expect(
            error?.description
                == [
                    "links.json:3:3 ($[1]): missing required field: name" + tail,
                    "links.json:4:3 ($[2]): missing required field: upstream" + tail,
                    "links.json:5:5 ($[3]): the name \"a\" stands twice" + tail,
                    "links.json:6:3 ($[4]): protocol \"udp\" is none of tcp, http, postgres" + tail,
                    "links.json:7:3 ($[5]): json: cannot unmarshal number into Go value of type "
                        + "toxiproxy.Proxy" + tail,
                ].joined(separator: "\n")
        )
    }

    @Test(arguments: [
        (#"{"name":"a"}"#, "links.json:1:1 ($): not an array."),
        ("[{", "links.json:1:3"),
    ])
    func `a configuration that is no array of proxies is refused`(_ text: String, _ start: String) {
        let error = #expect(throws: ProxyServerError.self) {
            try ProxyConfiguration(file: "links.json", bytes: Array(text.utf8))
        }
        #expect(error?.description.hasPrefix(start) == true, "\(error?.description ?? "")")
    }

    /// Runs a body on a loop of its own.
    private func onLoop(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let loop = try Loop.start(label: "server-test")
        defer { loop.stop() }
        try await loop.spawn { try await withDeadline(.seconds(20)) { try await body() } }.value
    }

    @Test
    func `a taken port is told, for the API and for a configured proxy`() async throws {
        try await onLoop {
            let taken = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            defer { taken.close() }
            var options = ProxyServerOptions()
            options.port = try #require(taken.address.port)
            await #expect {
                _ = try await ProxyServer.start(options)
            } throws: { error in
                "\(error)".hasPrefix("The API at 127.0.0.1:\(options.port) cannot start: ")
                    && "\(error)".contains("EADDRINUSE")
            }
            options.port = 0
            let text = #"[{"name":"a","upstream":"x:1","listen":"\#(taken.address)"}]"#
            options.configuration = try ProxyConfiguration(file: "f", bytes: Array(text.utf8))
            await #expect {
                _ = try await ProxyServer.start(options)
            } throws: { error in
                "\(error)".hasPrefix("listen tcp \(taken.address): bind: address already in use.")
            }
        }
    }

    @Test
    func `a configured server serves, and shutting down closes everything`() async throws {
        try await onLoop {
            let backend = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            defer { backend.close() }
            let text = #"[{"name":"a->b","upstream":"\#(backend.address)","listen":"127.0.0.1:0"}]"#
            var options = ProxyServerOptions()
            options.port = 0
            options.seed = 5
            options.configuration = try ProxyConfiguration(file: "f", bytes: Array(text.utf8))
            let server = try await ProxyServer.start(options)
            #expect(server.seed == 5)
            let proxies = await server.proxies()
            #expect(proxies.map(\.name) == ["a->b"])
            let listen = try SocketAddress(parsing: proxies[0].listen)
            let client = try await EventLoop.Stream.connect(to: listen, timeout: .seconds(5))
            let behind = try await backend.accept()
            try await client.write([1])
            #expect(try await behind.read(exactly: 1) == [1])
            await server.shutdown()
            await server.shutdown()
            #expect(await client.ending() == nil)
            #expect(await behind.ending() == nil)
            await #expect(throws: SystemError.self) {
                try await EventLoop.Stream.connect(to: listen, timeout: .seconds(5))
            }
            await #expect(throws: SystemError.self) {
                try await EventLoop.Stream.connect(to: server.address, timeout: .seconds(5))
            }
            client.close()
            behind.close()
        }
    }

    struct ToxicTextCase: Sendable, CustomTestStringConvertible {
        var text: String
        var attributes: [String: Int64]
        var match: OccurrenceMatch?
        var testDescription: String { text }
    }

    @Test(arguments: [
        ToxicTextCase(
            text: "latency:latency=100ms,jitter=2s",
            attributes: ["latency": 100, "jitter": 2_000]
        ),
        ToxicTextCase(text: "latency:latency=7", attributes: ["latency": 7]),
        ToxicTextCase(
            text: "slicer:average_size=10,delay=1ms",
            attributes: ["average_size": 10, "delay": 1_000]
        ),
        ToxicTextCase(text: "noop", attributes: [:]),
        ToxicTextCase(text: "lose_commit_ack:every=5", attributes: [:], match: .every(5)),
        ToxicTextCase(text: "lose_commit_ack:percent=10%", attributes: [:], match: .percent(10)),
    ])
    func `a toxic on the command line is read`(_ row: ToxicTextCase) throws {
        let request = try ToxicText(parsing: row.text, as: "--toxic").request()
        guard case .unread(let value) = request.attributes else {
            Issue.record("no attributes")
            return
        }
        let type = try #require(ToxicRegistry.type(named: request.type ?? ""))
        #expect(try type.attributes(value) == .read(row.attributes))
        #expect(request.match?.occurrence == row.match)
    }

    @Test(arguments: [
        "latencies", "latency:latency", "latency:speed=1", "latency:latency=fast",
        "bandwidth:rate=1s", "noop:every=0", "latency:toxicity=much", "",
    ])
    func `a toxic that cannot be read is refused with what could be written`(_ text: String) {
        let error = #expect(throws: ProxyServerError.self) {
            try ToxicText(parsing: text, as: "--toxic")
        }
        #expect(error?.description.hasPrefix("--toxic \(text): ") == true)
    }
}
