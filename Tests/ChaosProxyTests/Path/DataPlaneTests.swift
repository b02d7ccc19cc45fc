import ChaosModel
import EventLoop
import HTTP
import JSON
import Synchronization
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct DataPlaneTests {
    /// How many connections each data loop has.
    private static func counts(_ rig: ProxyRig) -> [Int] {
        rig.server.control.data.loops.map { $0.connectionCount.load(ordering: .relaxed) }
    }

    @Test
    func `connections are spread evenly over the loops and leave none behind`() async throws {
        try await ProxyRig.run(loopCount: 3) { rig in
            let address = try await rig.proxy(to: try rig.echo())
            var clients: [EventLoop.Stream] = []
            for _ in 0..<30 {
                let client = try await rig.connect(address)
                #expect(try await client.exchange("hello") == "hello")
                clients.append(client)
            }
            #expect(DataPlaneTests.counts(rig) == [10, 10, 10])
            let list = try await rig.ask("GET", "/proxies/p/connections")
            let names = (0..<30).map { list[$0]?["connection"]?.stringValue }
            #expect(names == (1...30).map { "c\($0)" })
            for client in clients { client.close() }
            #expect(try await eventually { DataPlaneTests.counts(rig) == [0, 0, 0] })
        }
    }

    @Test
    func `a toxic that was added is on every connection of every loop at once`() async throws {
        try await ProxyRig.run(loopCount: 3) { rig in
            let address = try await rig.proxy(to: try rig.echo())
            var clients: [EventLoop.Stream] = []
            for _ in 0..<9 {
                let client = try await rig.connect(address)
                #expect(try await client.exchange("hello") == "hello")
                clients.append(client)
            }
            try await rig.toxic(#"{"name":"t","type":"latency","attributes":{"latency":80}}"#)
            for client in clients {
                var answer = ""
                let time = try await milliseconds { answer = try await client.exchange("again") }
                #expect(answer == "again")
                #expect(time >= 80)
                client.close()
            }
        }
    }

    @Test
    func `disabling closes the connections of every loop and counts them`() async throws {
        try await ProxyRig.run(loopCount: 3) { rig in
            let address = try await rig.proxy(to: try rig.echo())
            var clients: [EventLoop.Stream] = []
            for _ in 0..<12 {
                let client = try await rig.connect(address)
                #expect(try await client.exchange("hello") == "hello")
                clients.append(client)
            }
            let answer = try await rig.ask("POST", "/proxies/p", #"{"enabled":false}"#)
            #expect(answer["cuts"] == 12)
            for client in clients {
                #expect(await client.ending() == nil)
                client.close()
            }
            #expect(DataPlaneTests.counts(rig) == [0, 0, 0])
        }
    }

    @Test
    func `sockets on their way to another loop do not survive the stop of their proxy`()
        async throws
    {
        try await ProxyRig.run(loopCount: 4, limit: .seconds(60)) { rig in
            let address = try await rig.proxy(to: try rig.echo())
            for _ in 0..<20 {
                let loop = try #require(Loop.current)
                let clients = (0..<16).map { _ in
                    loop.spawn { try? await rig.connect(address) }
                }
                try await rig.ask("POST", "/proxies/p", #"{"enabled":false}"#)
                for client in clients {
                    guard let stream = try await client.value else { continue }
                    _ = await stream.ending()
                    stream.close()
                }
                #expect(try await eventually { DataPlaneTests.counts(rig) == [0, 0, 0, 0] })
                try await rig.ask("POST", "/proxies/p", #"{"enabled":true}"#)
            }
        }
    }

    @Test
    func `results come from every loop, the first in front`() async throws {
        let plane = try DataPlane(loopCount: 5, dialTimeout: .seconds(1))
        let labels = await plane.perform { data in data.loop.label }
        #expect(labels == (0..<5).map { "chaos-data-\($0)" })
        await plane.shutdown()
    }

    @Test(arguments: [(0, 1), (1, 1), (3, 3), (99, 16)])
    func `the number of loops is bounded`(asked: Int, got: Int) async throws {
        let plane = try DataPlane(loopCount: asked, dialTimeout: .seconds(1))
        #expect(plane.loops.count == got)
        await plane.shutdown()
    }
}
