import EventLoop

/// Connects, moves a byte there and back, closes, and begins again, some at once.
struct Connecting {
    let port: Int
    let seconds: Int

    /// Prints `connections` and `connections_per_second`.
    func run(_ parallel: Int) async throws {
        guard let loop = Loop.current else { preconditionFailure("connecting runs on a loop") }
        let begin = Loop.monotonicNanoseconds()
        let end = begin + Int64(seconds) * 1_000_000_000
        let tasks = (0..<parallel).map { _ in loop.spawn { try await again(until: end) } }
        var total = 0
        for task in tasks { total += try await task.value }
        let elapsed = Double(Loop.monotonicNanoseconds() - begin) / 1e9
        ProxyLoad.tell("connections", Double(total))
        ProxyLoad.tell("connections_per_second", Double(total) / elapsed)
    }

    private func again(until end: Int64) async throws -> Int {
        var count = 0
        let request = Array("ex".utf8)
        while Loop.monotonicNanoseconds() < end {
            let stream = try await ProxyLoad.connect(port)
            try await stream.write(request)
            var buffer = ByteBuffer()
            _ = try await stream.read(into: &buffer, atMost: 1)
            stream.close()
            count += 1
        }
        return count
    }
}
