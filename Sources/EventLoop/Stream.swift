internal import CLinux
internal import Glibc

/// A connected TCP or Unix stream, confined to the loop on which it was made.
///
/// One task may read while another writes; two readers or two writers at once are a programmer's error.
// Unchecked: every member is touched on the loop's thread only.
package final class Stream: @unchecked Sendable {
    /// The loop that it lives on.
    package let loop: Loop
    /// -1 once closed.
    package private(set) var descriptor: Int32
    /// The other side, as far as it has an address.
    package let peer: SocketAddress?

    /// Takes over a connected, non-blocking descriptor; on the loop.
    package init(adopting descriptor: Int32, loop: Loop) throws(SystemError) {
        self.loop = loop
        self.descriptor = descriptor
        peer = SocketAddress(of: descriptor, peer: true)
        try loop.attach(descriptor)
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Dropped without a close: give the descriptor back on the loop, where its slot lives.
        let (loop, descriptor) = (loop, descriptor)
        loop.execute {
            loop.detach(descriptor)
            Glibc.close(descriptor)
        }
    }

    /// Connects; on a loop.
    ///
    /// Throws `SystemError` (ECONNREFUSED, ETIMEDOUT, …); nothing stays open then.
    package static func connect(
        to address: SocketAddress,
        timeout: Duration
    ) async throws -> Stream {
        guard let loop = Loop.current else { preconditionFailure("connect is called on a loop") }
        let descriptor = try SystemError.check(
            clinux_socket(address.family),
            call: "socket",
            object: "\(address)"
        )
        var isHandedOver = false
        defer { if !isHandedOver { Glibc.close(descriptor) } }
        if address.family != AF_UNIX { _ = clinux_nodelay(descriptor) }
        let status = try unsafe address.withNative { native, length in
            unsafe clinux_connect(descriptor, native, length)
        }
        guard status == 0 || status == -EINPROGRESS else {
            throw SystemError(call: "connecting to", object: "\(address)", code: -status)
        }
        if status != 0 {
            try loop.attach(descriptor)
            defer { loop.detach(descriptor) }
            let timer = loop.after(timeout) { loop.expire(descriptor) }
            defer { loop.cancel(timer) }
            do {
                try await loop.writable(descriptor)
            } catch let error as SystemError where error.code == ETIMEDOUT {
                throw SystemError(call: "connecting to", object: "\(address)", code: ETIMEDOUT)
            }
            let code = clinux_socket_error(descriptor)
            if code != 0 {
                throw SystemError(call: "connecting to", object: "\(address)", code: code)
            }
        }
        isHandedOver = true
        return try Stream(adopting: descriptor, loop: loop)
    }

    /// Appends what has arrived; waits until something has. Returns 0 at the end of the stream.
    ///
    /// Throws `SystemError` (ECONNRESET, …), `CancellationError`.
    package func read(into buffer: inout ByteBuffer, atMost limit: Int = 65536) async throws -> Int
    {
        while true {
            let open = descriptor
            guard open >= 0 else { throw closed("reading from") }
            let count = unsafe buffer.appendUnsafe(capacity: limit) { space in
                unsafe clinux_receive(open, space.baseAddress, space.count)
            }
            if count >= 0 { return count }
            switch Int32(-count) {
            case EAGAIN: try await loop.readable(open)
            case EINTR: continue
            default: throw failure("reading from", Int32(-count))
            }
        }
    }

    /// Sends everything; waits while the peer does not take it. Throws as `read`.
    package func write(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            let open = descriptor
            guard open >= 0 else { throw closed("writing to") }
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe clinux_send(open, all.baseAddress.map { unsafe $0 + sent }, all.count - sent)
            }
            if count >= 0 {
                sent += count
            } else if count == -Int(EAGAIN) {
                try await loop.writable(open)
            } else if count != -Int(EINTR) {
                throw failure("writing to", Int32(-count))
            }
        }
    }

    /// Sends and consumes everything in the buffer.
    package func write(_ buffer: inout ByteBuffer) async throws {
        let bytes = buffer.bytes
        try await write(bytes)
        buffer.consume(bytes.count)
    }

    /// Tells the peer that nothing more comes; reading goes on.
    package func shutdownWrite() {
        guard descriptor >= 0 else { return }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes; waiters resume with an error. Harmless when closed already.
    package func close() {
        guard descriptor >= 0 else { return }
        loop.detach(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Closes with a reset: the peer sees ECONNRESET.
    package func reset() {
        guard descriptor >= 0 else { return }
        _ = clinux_reset_on_close(descriptor)
        close()
    }

    private var name: String { peer.map { "\($0)" } ?? "the peer" }

    private func failure(_ call: String, _ code: Int32) -> SystemError {
        SystemError(call: call, object: name, code: code)
    }

    private func closed(_ call: String) -> SystemError {
        failure(call, EBADF)
    }
}

extension Loop {
    /// Resumes whoever waits for a descriptor with ETIMEDOUT; on the loop.
    fileprivate func expire(_ descriptor: Int32) {
        descriptors.fail(
            descriptor,
            with: SystemError(call: "waiting", object: "", code: ETIMEDOUT)
        )
    }
}
