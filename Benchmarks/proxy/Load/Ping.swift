import EventLoop

/// One byte there and back, on each connection as often as it goes.
struct Ping {
    let port: Int
    let seconds: Int

    /// Prints `ops`, `ops_per_second`, `p50_us` and `p99_us`.
    func run(_ connections: Int) async throws {
        guard let loop = Loop.current else { preconditionFailure("a ping runs on a loop") }
        var streams: [EventLoop.Stream] = []
        for _ in 0..<connections {
            let stream = try await ProxyLoad.connect(port)
            try await stream.write([UInt8(ascii: "e")])
            streams.append(stream)
        }
        let begin = Loop.monotonicNanoseconds()
        let end = begin + Int64(seconds) * 1_000_000_000
        let tasks = streams.map { stream in
            loop.spawn { try await exchange(stream, until: end) }
        }
        var times: [Int32] = []
        for task in tasks { times += try await task.value }
        let elapsed = Double(Loop.monotonicNanoseconds() - begin) / 1e9
        for stream in streams { stream.close() }
        times.sort()
        ProxyLoad.tell("ops", Double(times.count))
        ProxyLoad.tell("ops_per_second", Double(times.count) / elapsed)
        ProxyLoad.tell("p50_us", Double(times[times.count / 2]) / 1_000)
        ProxyLoad.tell("p99_us", Double(times[times.count * 99 / 100]) / 1_000)
    }

    /// The nanoseconds of each exchange.
    private func exchange(_ stream: EventLoop.Stream, until end: Int64) async throws -> [Int32] {
        var times: [Int32] = []
        times.reserveCapacity(1 << 17)
        var buffer = ByteBuffer()
        let byte: [UInt8] = [0x78]
        var before = Loop.monotonicNanoseconds()
        while before < end {
            try await stream.write(byte)
            guard try await stream.read(into: &buffer, atMost: 1) > 0 else { break }
            buffer.consume(1)
            let after = Loop.monotonicNanoseconds()
            times.append(Int32(clamping: after - before))
            before = after
        }
        return times
    }
}

/// How far the answers of a delayed connection are from the delay.
struct Delay {
    let port: Int
    let milliseconds: Int

    /// Prints `p50_ms` and `p99_ms` of answer time minus the delay, and the largest.
    func run(_ count: Int) async throws {
        let stream = try await ProxyLoad.connect(port)
        try await stream.write([UInt8(ascii: "e")])
        var errors: [Double] = []
        var buffer = ByteBuffer()
        for _ in 0..<count {
            let before = Loop.monotonicNanoseconds()
            try await stream.write([0x78])
            _ = try await stream.read(into: &buffer, atMost: 1)
            buffer.consume(1)
            let time = Double(Loop.monotonicNanoseconds() - before) / 1e6
            errors.append(time - Double(milliseconds))
        }
        stream.close()
        errors.sort()
        ProxyLoad.tell("p50_ms", errors[errors.count / 2])
        ProxyLoad.tell("p99_ms", errors[errors.count * 99 / 100])
        ProxyLoad.tell("max_ms", errors[errors.count - 1])
    }
}
