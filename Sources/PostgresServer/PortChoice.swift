import EventLoop

/// TCP ports for servers: free now, and below the range from which the kernel takes ports for
/// outgoing connections (from 32768 on), so that no client of anybody's can sit on them.
package enum PortChoice {
    /// Where ports are looked for.
    package static let range: Range<UInt16> = 20_000..<30_000

    /// Chooses `count` different ports on 127.0.0.1 that nobody listens on.
    ///
    /// Another process may still be faster: whoever binds must be ready to choose again. Throws
    /// `.port` when 2,000 tries were not enough.
    package static func free(_ count: Int) throws -> [UInt16] {
        var random = SystemRandomNumberGenerator()
        return try choose(count, using: &random, isFree: isFree)
    }

    /// The choice as a pure function of the generator and of what is free.
    static func choose(
        _ count: Int,
        using random: inout some RandomNumberGenerator,
        isFree: (UInt16) -> Bool
    ) throws -> [UInt16] {
        var ports: [UInt16] = []
        for _ in 0..<2000 where ports.count < count {
            let port = UInt16.random(in: range, using: &random)
            if !ports.contains(port) && isFree(port) { ports.append(port) }
        }
        guard ports.count == count else {
            throw PostgresServerError(
                .port,
                "found only \(ports.count) of \(count) free ports from \(range.lowerBound) to "
                    + "\(range.upperBound - 1) on 127.0.0.1. Stop what listens there."
            )
        }
        return ports
    }

    private static func isFree(_ port: UInt16) -> Bool {
        guard
            let listener = try? Listener.bind(.ipv4("127.0.0.1", port), backlog: 1)
        else { return false }
        listener.close()
        return true
    }
}
