import EventLoop
import Glibc
import HTTP
import Synchronization
import Testing

@testable import ChaosProxy

/// Streams that are large enough to be spliced.
@Suite(.serialized)
struct BulkTests {
    /// What a stream repeats: its length is no multiple of a page's, so that no page fits
    /// elsewhere.
    private static let noise: [UInt8] = {
        var dice = SeedStream(seed: 7)
        return (0..<125_001).flatMap { _ in
            let word = dice.next()
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
        }
    }()

    /// Whether bytes are those of a stream at a position.
    private static func isPart(_ bytes: [UInt8], at position: Int, of stream: Int) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let place = (position + offset + stream * 333_331) % noise.count
            let count = min(bytes.count - offset, noise.count - place)
            let isEqual = unsafe bytes.withUnsafeBytes { bytes in
                unsafe noise.withUnsafeBytes { noise in
                    let (part, place) = (offset..<offset + count, place..<place + count)
                    guard
                        let left = unsafe UnsafeRawBufferPointer(rebasing: bytes[part]).baseAddress,
                        let right = unsafe UnsafeRawBufferPointer(rebasing: noise[place])
                            .baseAddress
                    else { return false }
                    return unsafe memcmp(left, right, count) == 0
                }
            }
            guard isEqual else { return false }
            offset += count
        }
        return true
    }

    /// Reads to the end; returns how many bytes came, -1 when one was wrong.
    private static func check(_ reader: EventLoop.Stream, stream: Int) async throws -> Int {
        var buffer = ByteBuffer()
        var position = 0
        while try await reader.read(into: &buffer, atMost: 1 << 18) > 0 {
            let part = buffer.take(buffer.readableBytes)
            guard isPart(part, at: position, of: stream) else { return -1 }
            position += part.count
        }
        return position
    }

    private static func send(
        _ total: Int,
        to writer: EventLoop.Stream,
        stream: Int
    ) async throws {
        var position = 0
        while position < total {
            let place = (position + stream * 333_331) % noise.count
            let count = min(total - position, noise.count - place, 1 << 18)
            try await writer.write(Array(noise[place..<place + count]))
            position += count
        }
        writer.shutdownWrite()
    }

    /// A server on the traffic's loop that sends stream 1 and checks that it gets stream 2.
    private static func server(on loop: Loop, total: Int) async throws -> Listener {
        try await loop.spawn {
            let listener = try Listener.bind(try SocketAddress(parsing: "127.0.0.1:0"))
            // Owned by the listener: it ends when that is closed.
            loop.spawn {
                while true {
                    let stream = try await listener.accept()
                    // Owned by the connection.
                    loop.spawn {
                        defer { stream.close() }
                        let sender = loop.spawn { try await send(total, to: stream, stream: 1) }
                        let count = try await check(stream, stream: 2)
                        #expect(count == total)
                        try await sender.value
                    }
                }
            }
            return listener
        }.value
    }

    private static func exchange(_ address: SocketAddress, total: Int) async throws -> Bool {
        let client = try await EventLoop.Stream.connect(to: address, timeout: .seconds(5))
        defer { client.close() }
        let loop = try #require(Loop.current)
        let sender = loop.spawn { try await send(total, to: client, stream: 2) }
        let count = try await check(client, stream: 1)
        try await sender.value
        return count == total
    }

    /// Runs a test with a loop for clients and server, so that they do not hold up the API's.
    private static func run(
        total: Int,
        _ body: @escaping @Sendable (ProxyRig, SocketAddress, Loop) async throws -> Void
    ) async throws {
        let traffic = try Loop.start(label: "bulk-traffic")
        defer { traffic.stop() }
        try await ProxyRig.run(limit: .seconds(120)) { rig in
            let server = try await BulkTests.server(on: traffic, total: total)
            try await body(rig, try await rig.proxy(to: server.address), traffic)
            _ = try await traffic.spawn { server.close() }.value
        }
    }

    /// How many kernel pipes wait for a use: more than none once something was spliced and is over.
    private static func keptPipes(_ rig: ProxyRig) async -> Int {
        await rig.server.control.data.perform { data in data.splices.keptCount }.reduce(0, +)
    }

    @Test
    func `a bulk stream is spliced, whole in both directions, and gives its pipes back`()
        async throws
    {
        let total = 24_000_000
        try await BulkTests.run(total: total) { rig, address, traffic in
            let isWhole = try await traffic.spawn {
                try await BulkTests.exchange(address, total: total)
            }.value
            #expect(isWhole)
            #expect(try await eventually { await BulkTests.keptPipes(rig) > 0 })
        }
    }

    @Test
    func `conversations are never spliced`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            let text = String(repeating: "x", count: 2_000)
            for _ in 0..<1_000 { #expect(try await client.exchange(text) == text) }
            client.close()
            #expect(await BulkTests.keptPipes(rig) == 0)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `bulk streams stay whole while stages come and go under them`(_ seed: UInt64) async throws
    {
        let total = 48_000_000
        try await BulkTests.run(total: total) { rig, address, traffic in
            let loop = try #require(Loop.current)
            let streams = (0..<3).map { _ in
                traffic.spawn { try await BulkTests.exchange(address, total: total) }
            }
            let left = Atomic<Int>(streams.count)
            async let good = BulkTests.count(streams, left)
            var dice = SeedStream(seed: seed)
            while left.load(ordering: .relaxed) > 0 {
                // The bare stretches are long enough for a stream to become bulk again.
                try await rig.toxic(BulkTests.toxic(&dice))
                try await loop.sleep(for: .milliseconds(Int.random(in: 0...10, using: &dice)))
                try await rig.ask("DELETE", "/proxies/p/toxics/t")
                try await loop.sleep(for: .milliseconds(Int.random(in: 5...60, using: &dice)))
            }
            #expect(try await good == streams.count)
            #expect(await BulkTests.keptPipes(rig) > 0)
        }
    }

    private static func count(
        _ streams: [Task<Bool, any Error>],
        _ left: borrowing Atomic<Int>
    ) async throws -> Int {
        defer { left.store(0, ordering: .relaxed) }
        var good = 0
        for stream in streams { good += try await stream.value ? 1 : 0 }
        return good
    }

    private static func toxic(_ dice: inout SeedStream) -> String {
        let stream = Bool.random(using: &dice) ? "upstream" : "downstream"
        let (type, attributes) =
            [
                ("noop", "{}"), ("latency", #"{"latency":3}"#),
                ("slicer", #"{"average_size":20000,"size_variation":9000,"delay":10}"#),
                ("bandwidth", #"{"rate":50000}"#),
            ].randomElement(using: &dice) ?? ("noop", "{}")
        return #"{"name":"t","type":"\#(type)","stream":"\#(stream)","attributes":\#(attributes)}"#
    }
}
