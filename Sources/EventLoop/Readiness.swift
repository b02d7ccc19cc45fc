internal import CLinux

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    // Inlinable, as each event of each socket asks for them.
    @inlinable package static var readable: Readiness { Readiness(rawValue: 1) }
    @inlinable package static var writable: Readiness { Readiness(rawValue: 2) }
    /// The peer closed its sending side, or both.
    @inlinable package static var hangup: Readiness { Readiness(rawValue: 4) }
    @inlinable package static var error: Readiness { Readiness(rawValue: 8) }

    init(epoll flags: UInt32) {
        var readiness: Readiness = []
        if flags & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
        if flags & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
        if flags & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue) != 0 { readiness.insert(.hangup) }
        if flags & EPOLLERR.rawValue != 0 { readiness.insert(.error) }
        self = readiness
    }

    /// Everything that must wake a reader.
    static let wakesReader: Readiness = [.readable, .hangup, .error]
    /// Everything that must wake a writer.
    static let wakesWriter: Readiness = [.writable, .hangup, .error]
}

/// Receives the readiness of a watched descriptor, on the loop.
package protocol ReadinessHandler: AnyObject {
    /// Edge-triggered: read or write until the call would block before waiting for the next.
    func ready(_ readiness: Readiness)
}
