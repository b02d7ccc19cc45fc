import CLinux
import EventLoop
import Glibc
import JSON

/// A Unix socket that keeps JSON messages apart and carries a descriptor with each.
struct MessageSocket {
    /// A longer message is refused by its receiver.
    static let bytesMax = 64 << 10

    /// What a receive gave.
    enum Received {
        /// `descriptor` is the receiver's to close.
        case message(JSONValue, descriptor: Int32?)
        /// Nothing now.
        case nothing
        /// The other end is closed, or sent what is no message.
        case ended
    }

    let descriptor: Int32

    /// Two connected ends.
    ///
    /// Throws `SystemError` (EMFILE).
    static func pair() throws(SystemError) -> (MessageSocket, MessageSocket) {
        var ends: [Int32] = [-1, -1]
        let status = unsafe clinux_message_pair(&ends)
        _ = try SystemError.check(status, call: "socketpair", object: "the stand-in")
        return (MessageSocket(descriptor: ends[0]), MessageSocket(descriptor: ends[1]))
    }

    /// Sends a message whole or not at all; `descriptor` travels along as a copy.
    ///
    /// Throws `SystemError` (EAGAIN: the other end has not read for long; EPIPE: it is gone).
    func send(_ message: JSONValue, descriptor: Int32? = nil) throws(SystemError) {
        let bytes = Array(message.serialized().utf8)
        let status = unsafe bytes.withUnsafeBytes { buffer in
            unsafe clinux_send_message(
                self.descriptor,
                buffer.baseAddress,
                buffer.count,
                descriptor ?? -1
            )
        }
        guard status < 0 else { return }
        throw SystemError(call: "sending to", object: "the stand-in", code: Int32(-status))
    }

    /// Takes one message.
    func receive() -> Received {
        var bytes = [UInt8](repeating: 0, count: MessageSocket.bytesMax)
        var carried: Int32 = -1
        var count = -Int(EINTR)
        while count == -Int(EINTR) {
            count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe clinux_receive_message(
                    descriptor,
                    buffer.baseAddress,
                    buffer.count,
                    &carried
                )
            }
        }
        if count == -Int(EAGAIN) { return .nothing }
        guard count > 0, let message = try? JSONValue.parse(Array(bytes[..<count])) else {
            if carried >= 0 { Glibc.close(carried) }
            return .ended
        }
        return .message(message, descriptor: carried >= 0 ? carried : nil)
    }

    func close() { Glibc.close(descriptor) }
}
