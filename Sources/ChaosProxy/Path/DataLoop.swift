import EventLoop

/// A thread that carries bytes: its loop, its buffer and the links that live on it.
///
/// `@unchecked Sendable` because everything in it is touched only on the thread of `loop`, to which
/// `perform` and `Loop.execute` are the only ways. Each link lives wholly on one data loop.
final class DataLoop: @unchecked Sendable {
    let loop: Loop
    let buffer = SharedBuffer()
    let dialTimeout: Duration
    private(set) lazy var resolver = UpstreamResolver(data: self)
    private var links: [Int: LinkPort] = [:]

    /// Starts the thread.
    ///
    /// - Parameter dialTimeout: How long a server may take to accept a connection.
    init(label: String, dialTimeout: Duration) throws(SystemError) {
        loop = try Loop.start(label: label)
        self.dialTimeout = dialTimeout
    }

    /// Runs `body` on the data loop and returns its result.
    func perform<T: Sendable>(_ body: @escaping @Sendable (DataLoop) -> T) async -> T {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self)) }
        }
    }

    /// The first address of a name; `nil` when it has none.
    func lookUp(_ host: String, port: UInt16) async -> SocketAddress? {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                resolver.resolve(host: host, port: port) { continuation.resume(returning: $0) }
            }
        }
    }

    /// The link of this number; only on the loop.
    subscript(number: Int) -> LinkPort? {
        get { links[number] }
        set { links[number] = newValue }
    }

    /// Closes everything and ends the thread.
    func shutdown() async {
        await perform { data in
            for link in data.links.values { _ = link.stop() }
            data.links = [:]
            data.resolver.stop()
        }
        loop.stop()
    }
}
