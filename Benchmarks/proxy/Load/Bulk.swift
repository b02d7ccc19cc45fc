import EventLoop

/// Reads as much as comes, on some streams at once.
struct Bulk {
    let port: Int
    let seconds: Int

    /// Prints `megabytes` and `gigabytes_per_second`.
    func run(_ streams: Int) async throws {
        guard let loop = Loop.current else { preconditionFailure("bulk runs on a loop") }
        let begin = Loop.monotonicNanoseconds()
        let end = begin + Int64(seconds) * 1_000_000_000
        let tasks = (0..<streams).map { _ in loop.spawn { try await take(until: end) } }
        var total = 0
        for task in tasks { total += try await task.value }
        let elapsed = Double(Loop.monotonicNanoseconds() - begin) / 1e9
        ProxyLoad.tell("megabytes", Double(total) / 1e6)
        ProxyLoad.tell("gigabytes_per_second", Double(total) / 1e9 / elapsed)
    }

    private func take(until end: Int64) async throws -> Int {
        let stream = try await ProxyLoad.connect(port)
        defer { stream.close() }
        try await stream.write([UInt8(ascii: "g")])
        var buffer = ByteBuffer()
        var total = 0
        while Loop.monotonicNanoseconds() < end {
            let count = try await stream.read(into: &buffer, atMost: 1 << 18)
            guard count > 0 else { break }
            total += count
            buffer.consume(count)
        }
        return total
    }
}
