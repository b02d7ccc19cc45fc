import EventLoop
import Synchronization

/// A thread that carries bytes: its loop, its buffer and its share of each link.
///
/// `@unchecked Sendable` because everything in it is touched only on the thread of `loop`, to which
/// `perform` and `Loop.execute` are the only ways; the count of connections is atomic.
final class DataLoop: @unchecked Sendable {
    let loop: Loop
    let buffer = SharedBuffer()
    let splices = SplicePool()
    let dialTimeout: Duration
    /// The connections that live here or are on their way; any thread.
    let connectionCount = Atomic<Int>(0)
    private(set) lazy var resolver = UpstreamResolver(data: self)
    private var links: [Int: LinkPort] = [:]

    /// Starts the thread.
    ///
    /// `dialTimeout`: how long a server may take to accept a connection.
    init(label: String, dialTimeout: Duration) throws(SystemError) {
        loop = try Loop.start(label: label)
        self.dialTimeout = dialTimeout
        loop.execute { [loop] in loop.sharpenTimers() }
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
                resolver.resolve(host: host, port: port) { found in
                    continuation.resume(returning: found.first)
                }
            }
        }
    }

    /// The link of this number; only on the loop.
    subscript(number: Int) -> LinkPort? {
        get { links[number] }
        set { links[number] = newValue }
    }

    /// What each link carried here; only on the loop.
    func traffic() -> [Int: LinkTraffic] { links.mapValues { $0.traffic } }

    /// Closes every link; only on the loop.
    func closeAll() {
        for link in links.values { _ = link.stop() }
        links = [:]
        resolver.stop()
    }
}
