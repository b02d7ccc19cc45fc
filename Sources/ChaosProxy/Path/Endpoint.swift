import EventLoop

/// One side of a connection: a socket with what the loop last said about it.
///
/// Epoll is edge-triggered, so each readiness is remembered here until a call proves the contrary.
final class Endpoint: ReadinessHandler {
    let descriptor: Int32
    var isReadable = false
    var isWritable = false
    /// FIN or RST has arrived: a short read does not mean that nothing follows.
    var hasHungUp = false
    private weak var connection: Connection?

    init(descriptor: Int32, connection: Connection?) {
        self.descriptor = descriptor
        self.connection = connection
    }

    func attach(to connection: Connection) {
        self.connection = connection
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.hangup) { hasHungUp = true }
        if !readiness.isDisjoint(with: [.readable, .hangup, .error]) { isReadable = true }
        if !readiness.isDisjoint(with: [.writable, .error]) { isWritable = true }
        connection?.ready(self, readiness)
    }
}
