import EventLoop
import Testing

@testable import ChaosProxy

/// One connection that sends bytes to an echo server and checks each that comes back.
// Unchecked: everything happens on the loop of the clients.
final class TortureStream: @unchecked Sendable {
    /// What became of some streams.
    struct Outcome: Sendable {
        /// Streams of which every byte came back, in order and once.
        var whole = 0
        /// The numbers of the others.
        var broken: [Int] = []
        /// What all of them sent.
        var bytes = 0
    }

    /// Bytes without a period in which a lost or doubled chunk could hide: a prime number of them.
    private static let noise: [UInt8] = {
        var dice = SeedStream(seed: 99)
        return (0..<2_097_143).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    }()
    /// Bytes that a stream has under way at most: what toxics hold must drain in seconds.
    private static let windowMax = 200_000

    private let number: Int
    private let client: EventLoop.Stream
    private var sent = 0
    private var received = 0

    private init(number: Int, client: EventLoop.Stream) {
        self.number = number
        self.client = client
    }

    /// Connects so many streams, on a loop.
    static func open(_ count: Int, to address: SocketAddress) async throws -> [TortureStream] {
        var streams: [TortureStream] = []
        for number in 0..<count {
            let client = try await EventLoop.Stream.connect(to: address, timeout: .seconds(10))
            streams.append(TortureStream(number: number, client: client))
        }
        return streams
    }

    /// Runs all streams on this loop until the time is over and everything has come back.
    static func runAll(_ streams: [TortureStream], _ length: Duration) async throws -> Outcome {
        let loop = try #require(Loop.current)
        let end = Loop.monotonicNanoseconds() + length.nanosecondsClamped
        let tasks = streams.map { stream in loop.spawn { try await stream.run(until: end) } }
        var outcome = Outcome()
        for (stream, task) in zip(streams, tasks) {
            if (try? await task.value) == true {
                outcome.whole += 1
            } else {
                outcome.broken.append(stream.number)
            }
            outcome.bytes += stream.sent
            stream.client.close()
        }
        return outcome
    }

    /// A server that sends back what it gets, on a loop.
    static func echo(on loop: Loop) throws -> Listener {
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

    private func run(until end: Int64) async throws -> Bool {
        let loop = try #require(Loop.current)
        let writer = loop.spawn { [self] in try await write(until: end) }
        var buffer = ByteBuffer()
        while try await client.read(into: &buffer) > 0 {
            let part = buffer.take(buffer.readableBytes)
            guard received + part.count <= sent, part == piece(at: received, part.count) else {
                writer.cancel()
                return false
            }
            received += part.count
        }
        try await writer.value
        return received == sent
    }

    private func write(until end: Int64) async throws {
        let loop = try #require(Loop.current)
        var dice = SeedStream(seed: UInt64(number))
        while Loop.monotonicNanoseconds() < end {
            let count = Int.random(in: 1...16_000, using: &dice)
            guard sent - received + count <= TortureStream.windowMax else {
                try await loop.sleep(for: .milliseconds(2))
                continue
            }
            let bytes = piece(at: sent, count)
            sent += count
            try await client.write(bytes)
            try await loop.sleep(for: .milliseconds(Int.random(in: 0...20, using: &dice)))
        }
        client.shutdownWrite()
    }

    /// What the stream says from a place on; each stream begins elsewhere in the noise.
    private func piece(at offset: Int, _ count: Int) -> [UInt8] {
        let noise = TortureStream.noise
        let start = (number * 10_007 + offset) % noise.count
        let first = noise[start..<min(noise.count, start + count)]
        return Array(first) + noise[..<(count - first.count)]
    }
}
