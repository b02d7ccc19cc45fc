import CLinux
import EventLoop
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

    static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .moved(count) }
            if count == 0 { return .ended }
            let code = errno
            if code == EINTR { continue }
            return code == EAGAIN ? .blocked : .failed(code)
        }
    }

    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Outcome {
        while true {
            let flags = Int32(MSG_NOSIGNAL)
            let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return .moved(count) }
            let code = errno
            if code == EINTR { continue }
            return code == EAGAIN ? .blocked : .failed(code)
        }
    }

    /// The pending error of a socket, 0 when none; reading it clears it.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 else {
            return errno
        }
        return code
    }

    /// Small writes leave at once; a failure (Unix sockets) does not matter.
    static func disableDelay(_ descriptor: Int32) {
        var one: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, size)
    }

    static func shutdownWrite(_ descriptor: Int32) {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes with RST: the peer's calls fail with ECONNRESET.
    static func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, size)
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

    static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }
}
