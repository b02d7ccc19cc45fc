import CLinux
import Glibc

/// The socket calls of the byte path, on descriptors that never block.
enum Sockets {
    /// What a call on a socket gave.
    enum Outcome: Equatable {
        /// That many bytes, more than 0.
        case moved(Int)
        /// Nothing now; the loop will tell.
        case blocked
        /// The peer sent FIN.
        case ended
        /// The connection is broken; errno.
        case failed(Int32)
    }

    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Outcome
    {
        while true {
            let count = unsafe clinux_receive(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            if count == -Int(EINTR) { continue }
            return count == -Int(EAGAIN) ? .blocked : .failed(Int32(-count))
        }
    }

    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Outcome {
        while true {
            let count = unsafe clinux_send(descriptor, bytes.baseAddress, bytes.count)
            if count >= 0 { return .moved(count) }
            if count == -Int(EINTR) { continue }
            return count == -Int(EAGAIN) ? .blocked : .failed(Int32(-count))
        }
    }

    /// Looks at what a socket has without taking it.
    static func peek(_ descriptor: Int32, byteCount: Int) -> (Outcome, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let flags = Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.recv(descriptor, buffer.baseAddress, buffer.count, flags)
            }
            let code = errno
            if count > 0 { return (.moved(count), Array(bytes[..<count])) }
            if count == 0 { return (.ended, []) }
            if code == EINTR { continue }
            return (code == EAGAIN ? .blocked : .failed(code), [])
        }
    }

    /// Reads from a descriptor that is no socket.
    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        while true {
            let count = unsafe clinux_read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            if count == -Int(EINTR) { continue }
            return count == -Int(EAGAIN) ? .blocked : .failed(Int32(-count))
        }
    }

    /// Moves bytes between a socket and a kernel pipe, in either direction, without copying them.
    static func splice(from source: Int32, to target: Int32, byteCount: Int) -> Outcome {
        while true {
            let count = clinux_splice(source, target, byteCount)
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            if count == -Int(EINTR) { continue }
            return count == -Int(EAGAIN) ? .blocked : .failed(Int32(-count))
        }
    }

    /// Whether an errno means that this kind of socket cannot be spliced; nothing was moved then.
    static func isSpliceRefusal(_ code: Int32) -> Bool {
        code == EINVAL || code == EOPNOTSUPP || code == ENOSYS || code == EPERM
    }

    /// The pending error of a socket, 0 when none; reading it clears it.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        clinux_socket_error(descriptor)
    }

    /// Small writes leave at once; a failure (Unix sockets) does not matter.
    static func disableDelay(_ descriptor: Int32) {
        _ = clinux_nodelay(descriptor)
    }

    static func shutdownWrite(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes with RST: the peer's calls fail with ECONNRESET.
    static func reset(_ descriptor: Int32) {
        _ = clinux_reset_on_close(descriptor)
        _ = Glibc.close(descriptor)
    }

    /// Closes with FIN: what has arrived unread is read first, else the kernel would send RST.
    static func closePolitely(
        _ descriptor: Int32,
        scratch: UnsafeMutableRawBufferPointer
    ) {
        shutdownWrite(descriptor)
        var reads = 64
        while reads > 0, case .moved = unsafe receive(descriptor, into: scratch) { reads -= 1 }
        _ = Glibc.close(descriptor)
    }

    /// Ends listening, also where another process holds a copy of the descriptor.
    static func closeListener(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
        _ = Glibc.close(descriptor)
    }

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }
}
