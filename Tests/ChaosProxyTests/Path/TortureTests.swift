import EventLoop
import HTTP
import Synchronization
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct TortureTests {
    /// Bytes without a period that a lost or doubled chunk could hide in.
    private static let noise: [UInt8] = {
        var dice = SeedStream(seed: 99)
        return (0..<1 << 18).flatMap { _ in
            let word = dice.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
    }()

    /// The bytes of one stream: the noise, begun somewhere else.
    private static func bytes(_ stream: Int, _ total: Int) -> [UInt8] {
        Array(noise[(stream * 1_009)...].prefix(total))
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `streams stay whole while toxics come, change and go on open connections`(
        _ seed: UInt64
    ) async throws {
        // Clients and server have a loop of their own, so that they do not hold up the torturer.
        let traffic = try Loop.start(label: "torture-traffic")
        defer { traffic.stop() }
        try await ProxyRig.run(seed: seed) { rig in
            let server = try await traffic.spawn { try TortureTests.echo(on: traffic) }.value
            let address = try await rig.proxy(to: server.address)
            let streams = (0..<12).map { number in
                traffic.spawn { try await TortureTests.run(address, number, 1_000_000) }
            }
            let isDone = Atomic<Bool>(false)
            async let good = TortureTests.count(streams, isDone)
            var dice = SeedStream(seed: seed)
            var rounds = 0
            while !isDone.load(ordering: .relaxed) {
                try await TortureTests.turn(rig, &dice)
                rounds += 1
                let pause = Int.random(in: 0...5, using: &dice)
                try await Loop.current?.sleep(for: .milliseconds(pause))
            }
            #expect(try await good == streams.count)
            #expect(rounds > 20)
            _ = try await traffic.spawn { server.close() }.value
        }
    }

    /// Waits for the streams; returns how many were whole.
    private static func count(
        _ streams: [Task<Bool, any Error>],
        _ isDone: borrowing Atomic<Bool>
    ) async throws -> Int {
        defer { isDone.store(true, ordering: .relaxed) }
        var good = 0
        for stream in streams { good += try await stream.value ? 1 : 0 }
        return good
    }

    /// A server that sends back what it gets.
    private static func echo(on loop: Loop) throws -> Listener {
        let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
        // Owned by the listener: it ends when that is closed.
        loop.spawn {
            while true {
                let stream = try await listener.accept()
                // Owned by the connection.
                loop.spawn {
                    var buffer = ByteBuffer()
                    while try await stream.read(into: &buffer) > 0 {
                        try await stream.write(&buffer)
                    }
                    stream.shutdownWrite()
                }
            }
        }
        return listener
    }

    /// Adds, changes or removes one harmless toxic.
    private static func turn(_ rig: ProxyRig, _ dice: inout SeedStream) async throws {
        let name = "t\(Int.random(in: 0..<6, using: &dice))"
        let stream = Bool.random(using: &dice) ? "upstream" : "downstream"
        let toxicity = ["0.5", "1"].randomElement(using: &dice) ?? "1"
        let attributes =
            [
                ("latency", #"{"latency":\#(Int.random(in: 0...15, using: &dice)),"jitter":5}"#),
                ("bandwidth", #"{"rate":\#(Int.random(in: 2_000...60_000, using: &dice))}"#),
                ("slicer", #"{"average_size":3000,"size_variation":2000,"delay":100}"#),
                ("noop", "{}"),
            ].randomElement(using: &dice) ?? ("noop", "{}")
        let body =
            #"{"name":"\#(name)","type":"\#(attributes.0)","stream":"\#(stream)","#
            + #""toxicity":\#(toxicity),"attributes":\#(attributes.1)}"#
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: try await rig.call("POST", "/proxies/p/toxics", body)
        case 1: try await rig.call("POST", "/proxies/p/toxics/\(name)", body)
        default: try await rig.call("DELETE", "/proxies/p/toxics/\(name)")
        }
    }

    /// Sends one stream through the echo server and checks each byte that comes back.
    private static func run(
        _ address: SocketAddress,
        _ number: Int,
        _ total: Int
    ) async throws -> Bool {
        let client = try await EventLoop.Stream.connect(to: address, timeout: .seconds(5))
        defer { client.close() }
        let loop = try #require(Loop.current)
        let all = bytes(number, total)
        let writer = loop.spawn {
            var dice = SeedStream(seed: UInt64(number))
            var sent = 0
            while sent < total {
                let count = min(total - sent, Int.random(in: 1...60_000, using: &dice))
                try await client.write(Array(all[sent..<sent + count]))
                sent += count
            }
            client.shutdownWrite()
        }
        var offset = 0
        var buffer = ByteBuffer()
        while try await client.read(into: &buffer) > 0 {
            let part = buffer.take(buffer.readableBytes)
            guard offset + part.count <= total else { return false }
            guard part[...] == all[offset..<offset + part.count] else { return false }
            offset += part.count
        }
        try await writer.value
        return offset == total
    }
}
