import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

/// What goes wrong with Toxiproxy, each as a test that it does not go wrong here.
@Suite(.serialized)
struct RobustnessTests {
    /// Far above what any answer takes, far below Toxiproxy's 25 s.
    private static let answerMax = 2_000.0

    /// Measures each of some calls to the API.
    private func expectAnswers(
        _ rig: ProxyRig,
        _ calls: [(method: String, path: String, body: String)]
    ) async throws {
        for (method, path, body) in calls {
            let time = try await milliseconds {
                let answer = try await rig.call(method, path, body)
                #expect(answer.status < 300, "\(method) \(path): \(answer.text)")
            }
            #expect(time < RobustnessTests.answerMax, "\(method) \(path) took \(time) ms")
        }
    }

    @Test
    func `a client that does not read holds up neither the API nor other connections`()
        async throws
    {
        try await ProxyRig.run { rig in
            // Sends for ever to whoever sends a 1, echoes to everybody else.
            let server = try rig.serve { stream in
                var buffer = ByteBuffer()
                while try await stream.read(into: &buffer) > 0 {
                    let bytes = buffer.take(buffer.readableBytes)
                    let block = [UInt8](repeating: 1, count: 1 << 16)
                    while bytes.first == 1 { try await stream.write(block) }
                    try await stream.write(bytes)
                }
            }
            let address = try await rig.proxy(to: server)
            var deaf: [EventLoop.Stream] = []
            for _ in 0..<5 {
                let client = try await rig.connect(address)
                try await client.write([1])
                deaf.append(client)
            }
            // Until the proxy, too, can get rid of nothing more.
            var before: JSONValue = .null
            #expect(
                try await eventually {
                    let now = try await rig.ask("GET", "/proxies/p/connections")
                    defer { before = now }
                    return (0..<5).allSatisfy {
                        let bytes = now[$0]?["bytes_downstream"]
                        return bytes?.integerValue ?? 0 > 0
                            && bytes == before[$0]?["bytes_downstream"]
                    }
                }
            )
            try await expectAnswers(
                rig,
                [
                    ("POST", "/proxies/p/toxics", #"{"type":"latency","name":"l"}"#),
                    ("POST", "/proxies/p/toxics/l", #"{"attributes":{"latency":5}}"#),
                    ("POST", "/proxies/p/toxics", #"{"type":"timeout","name":"t","toxicity":0}"#),
                    ("GET", "/proxies", ""), ("GET", "/metrics", ""),
                    ("GET", "/proxies/p/connections", ""),
                ]
            )
            let client = try await rig.connect(address)
            #expect(try await client.exchange("hello") == "hello")
            client.close()
            try await expectAnswers(
                rig,
                [
                    ("POST", "/reset", ""), ("POST", "/proxies/p", #"{"enabled":false}"#),
                    ("POST", "/proxies/p", #"{"enabled":true}"#), ("DELETE", "/proxies/p", ""),
                ]
            )
            for client in deaf { client.close() }
        }
    }

    @Test
    func `a server that answers no SYN holds up neither the API nor other proxies`() async throws {
        try await ProxyRig.run(dialTimeout: .seconds(25)) { rig in
            let full = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"), backlog: 0)
            let filler = try await rig.connect(full.address)
            let address = try await rig.proxy(to: full.address)
            var waiting: [EventLoop.Stream] = []
            for _ in 0..<20 { waiting.append(try await rig.connect(address)) }
            let body = #"{"name":"q","upstream":"\#(try rig.echo())","listen":"127.0.0.1:0"}"#
            let other = try await rig.ask("POST", "/proxies", body)["listen"]?.stringValue ?? ""
            let client = try await rig.connect(try SocketAddress(parsing: other))
            #expect(try await client.exchange("hello") == "hello")
            try await expectAnswers(
                rig,
                [
                    ("POST", "/proxies/p/toxics", #"{"type":"noop"}"#), ("GET", "/proxies", ""),
                    ("POST", "/proxies/p", #"{"enabled":false}"#), ("POST", "/reset", ""),
                    ("DELETE", "/proxies/p", ""),
                ]
            )
            for client in waiting {
                _ = await client.ending()
                client.close()
            }
            client.close()
            filler.close()
            full.close()
        }
    }

    @Test
    func `no attributes of any toxic crash the proxy`() async throws {
        try await ProxyRig.run(limit: .seconds(60)) { rig in
            let address = try await rig.proxy(to: try rig.echo())
            let edges: [Int64] = [.min, -1, 0, 1, 2, 1 << 31, 1 << 53, .max]
            for type in ToxicRegistry.types where type.protocols.isEmpty {
                for edge in edges {
                    let attributes = type.fields.map { #""\#($0.name)":\#(edge)"# }
                        .joined(separator: ",")
                    for stream in ["upstream", "downstream"] {
                        try await rig.toxic(
                            #"""
                            {"type":"\#(type.name)","stream":"\#(stream)","name":"\#(stream)",
                             "attributes":{\#(attributes)}}
                            """#
                        )
                    }
                    // A hole lets nobody connect: there is nothing to exchange then.
                    if !type.holdsListener {
                        let client = try await rig.connect(address)
                        try? await client.write([UInt8](repeating: 7, count: 100))
                        let row = try await rig.ask("GET", "/proxies/p/connections")
                        #expect(row.arrayValue != nil, "\(type.name) \(edge)")
                        client.close()
                    }
                    try await rig.ask("POST", "/reset")
                }
            }
            let client = try await rig.connect(address)
            #expect(try await client.exchange("alive") == "alive")
            client.close()
        }
    }

    @Test
    func `a slicer without attributes passes data over real sockets`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(#"{"type":"slicer"}"#)
            #expect(try await client.exchange("whole") == "whole")
            client.close()
        }
    }

    @Test
    func `slicer cuts, and what it cut arrives whole and in order`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(
                #"""
                {"type":"slicer","name":"s",
                 "attributes":{"average_size":100,"size_variation":50,"delay":10}}
                """#
            )
            let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await client.write(bytes)
            #expect(try await client.read(exactly: bytes.count) == bytes)
            let hits = try await rig.ask("GET", "/proxies/p/toxics/s")["hits"]?.integerValue ?? 0
            #expect((130...450).contains(hits), "20,000 bytes in slices of 50 to 150")
            client.close()
        }
    }

    @Test
    func `slow_close holds back the end, and the other direction goes on`() async throws {
        try await ProxyRig.run { rig in
            let server = try rig.serve { stream in
                try await stream.write(Array("bye".utf8))
                stream.shutdownWrite()
                _ = try await stream.readAll()
            }
            let address = try await rig.proxy(to: server)
            try await rig.toxic(#"{"type":"slow_close","attributes":{"delay":200}}"#)
            let client = try await rig.connect(address)
            #expect(try await client.read(exactly: 3) == Array("bye".utf8))
            let time = try await milliseconds {
                let rest = try await client.readAll()
                #expect(rest.isEmpty)
            }
            #expect(time >= 150)
            try await client.write([1])
            client.close()
        }
    }

    @Test
    func `names are looked up beside one that takes long`() async throws {
        let data = try DataLoop(label: "resolver-test", dialTimeout: .seconds(1))
        let loop = try Loop.start(label: "resolver-test-main")
        defer { loop.stop() }
        try await loop.spawn {
            // More at once than there are threads, with names that exist and such that do not.
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let name = number % 2 == 0 ? "localhost" : "no-such-\(number).invalid"
                        let address = await data.lookUp(name, port: 1)
                        return (address != nil) == (number % 2 == 0)
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }.value
        _ = await data.perform { $0.closeAll() }
        data.loop.stop()
    }
}
