import Synchronization

/// What the ports of one proxy on the different data loops have in common; any thread.
final class LinkShare: Sendable {
    /// Connections of one proxy at a time; one more is reset at once.
    static let connectionsMax = 16_384

    /// Which `LinkPort` it is on every loop.
    let number: Int
    let plane: DataPlane
    /// How the proxy's connections are encrypted; `nil`: whatever they are is passed through.
    let security: LinkSecurity?
    private let failures = Mutex<(count: Int, last: String?)>((0, nil))
    /// The connections of the proxy on all loops, those on their way included.
    private let openCount = Atomic<Int>(0)
    /// The connections that were ever accepted.
    private let acceptedCount = Atomic<UInt64>(0)

    init(number: Int, plane: DataPlane, security: LinkSecurity?) {
        self.number = number
        self.plane = plane
        self.security = security
    }

    /// The number of the connection that came last.
    var lastNumber: UInt64 { acceptedCount.load(ordering: .relaxed) }

    /// Handshakes and sessions that failed so far, and why the last one did.
    var securityFailures: (count: Int, last: String?) { failures.withLock { $0 } }

    func securityFailed(_ reason: String) {
        failures.withLock { $0 = ($0.count + 1, reason) }
    }

    /// The loop and the number (1, 2, 3 …) of one more connection, which counts from now on.
    ///
    /// `nil` when there are too many; only where the proxy accepts.
    func admit() -> (data: DataLoop, number: UInt64)? {
        guard openCount.load(ordering: .relaxed) < LinkShare.connectionsMax else { return nil }
        openCount.wrappingAdd(1, ordering: .relaxed)
        let data = plane.leastLoaded()
        data.connectionCount.wrappingAdd(1, ordering: .relaxed)
        return (data, acceptedCount.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    /// A connection that was assigned to a loop is no more.
    func release(from data: DataLoop) {
        openCount.wrappingSubtract(1, ordering: .relaxed)
        data.connectionCount.wrappingSubtract(1, ordering: .relaxed)
    }
}
