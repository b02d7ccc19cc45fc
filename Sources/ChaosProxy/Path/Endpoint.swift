import EventLoop

/// One side of a connection: a socket with what the loop last said about it.
///
/// Epoll is edge-triggered, so each readiness is remembered here until a call proves the contrary.
final class Endpoint: ReadinessHandler {
    private(set) var descriptor: Int32
    /// The encryption towards this side; `nil`: none that this process takes part in.
    private let channel: SecureChannel?
    private let buffer: SharedBuffer
    var isReadable = false
    var isWritable = false
    /// FIN or RST has arrived: a short read does not mean that nothing follows.
    var hasHungUp = false
    /// FIN was read: nothing can arrive any more.
    var hasEnded = false
    /// From the start of the connection to its end, which takes itself out: a weak reference would
    /// make every retain of the connection slow.
    private var connection: Connection?

    private static let reading: Readiness = [.readable, .hangup, .error]
    private static let writing: Readiness = [.writable, .error]

    init(descriptor: Int32, channel: SecureChannel?, buffer: SharedBuffer) {
        self.descriptor = descriptor
        self.channel = channel
        self.buffer = buffer
    }

    /// Whether its bytes are not those of the socket: they cannot be spliced, and a short read says
    /// nothing.
    var isSecure: Bool { channel != nil }
    /// Whether plaintext can be sent, as far as encryption is concerned.
    var isEstablished: Bool { channel?.isOpen ?? true }
    /// Whether bytes that were sent still wait for the socket.
    var hasOutput: Bool { channel?.hasOutput ?? false }

    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Sockets.Outcome {
        guard let channel else { return unsafe Sockets.receive(descriptor, into: bytes) }
        let wasOpen = channel.isOpen
        let outcome = unsafe channel.receive(descriptor, into: bytes)
        // What waited for the end of the handshake may be sent now.
        if !wasOpen, channel.isOpen { isWritable = true }
        return outcome
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Sockets.Outcome {
        guard let channel else { return unsafe Sockets.send(descriptor, bytes) }
        return unsafe channel.send(descriptor, bytes)
    }

    /// Gives the socket what still waits for it; false when the socket is broken.
    func flush() -> Bool {
        guard let channel, channel.hasOutput else { return true }
        switch channel.flush(descriptor) {
        case .moved, .ended: return true
        case .blocked:
            isWritable = false
            return true
        case .failed: return false
        }
    }

    /// Begins what this side has to begin: a client's handshake or PostgreSQL's question for it.
    func begin() -> Bool {
        guard let channel else { return true }
        if case .failed = unsafe channel.receive(descriptor, into: buffer.bytes) { return false }
        return true
    }

    /// Sends FIN behind everything.
    func shutdownWrite() {
        channel?.end(descriptor)
        Sockets.shutdownWrite(descriptor)
    }

    /// Closes with FIN.
    func closePolitely() {
        // Nothing can wait unread behind its FIN: closing sends ours and no RST.
        if channel == nil, hasEnded { return Sockets.close(descriptor) }
        channel?.end(descriptor)
        unsafe Sockets.closePolitely(descriptor, scratch: buffer.bytes)
    }

    /// Takes another socket, of which the loop has said nothing yet.
    func replace(by descriptor: Int32) {
        self.descriptor = descriptor
        isReadable = false
        isWritable = false
        hasHungUp = false
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
