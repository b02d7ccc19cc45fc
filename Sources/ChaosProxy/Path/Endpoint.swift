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
    /// From the start of the connection to its end, which takes itself out: a weak reference would
    /// make every retain of the connection slow.
    private var connection: Connection?

    private static let reading: Readiness = [.readable, .hangup, .error]
    private static let writing: Readiness = [.writable, .error]

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func attach(to connection: Connection?) {
        self.connection = connection
    }

    func ready(_ readiness: Readiness) {
        // By bits: the set operations would make an array for each event.
        let bits = readiness.rawValue
        if bits & Readiness.hangup.rawValue != 0 { hasHungUp = true }
        if bits & Endpoint.reading.rawValue != 0 { isReadable = true }
        if bits & Endpoint.writing.rawValue != 0 { isWritable = true }
        connection?.ready(self, hasFailed: bits & Readiness.error.rawValue != 0)
    }
}
