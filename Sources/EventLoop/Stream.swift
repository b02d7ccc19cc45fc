internal import CLinux
internal import Glibc

/// A connected TCP or Unix stream, confined to the loop on which it was made.
///
/// One task may read while another writes; two readers or two writers at once are a programmer's
/// error.
// Unchecked: every member is touched on the loop's thread only.
package final class Stream: @unchecked Sendable {
    /// The loop that it lives on.
    package let loop: Loop
    /// -1 once closed.
    package private(set) var descriptor: Int32
    /// The other side, as far as it has an address.
    package let peer: SocketAddress?
    /// What the next read asks for; doubles while reads are full, halves while they are nearly
    /// empty.
    private var readSize = Stream.readSizes.lowerBound

    private static let readSizes = 4096...(1 << 18)

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

    /// Appends what has arrived; waits until something has.
    ///
    /// Returns 0 at the end of the stream.
    ///
    /// Never reads more than `limit` bytes at once. Memory follows the traffic: a quiet stream's
    /// buffer stays small. Throws `SystemError` (ECONNRESET, …; EBADF when closed on this side),
    /// `CancellationError`.
    package func read(into buffer: inout ByteBuffer, atMost limit: Int = 65536) async throws -> Int
    {
        while true {
            let open = descriptor
            guard open >= 0 else { throw closed("reading from") }
            let size = min(limit, readSize)
            let count = unsafe buffer.appendUnsafe(capacity: size) { space in
                unsafe clinux_receive(open, space.baseAddress, space.count)
            }
            if count >= 0 {
                if count == size { readSize = min(2 * readSize, Self.readSizes.upperBound) }
                if count < size / 4 { readSize = max(readSize / 2, Self.readSizes.lowerBound) }
                return count
            }
            switch Int32(-count) {
            case EAGAIN: try await wait("reading from") { try await $0.readable(open) }
            case EINTR: continue
            default: throw failure("reading from", Int32(-count))
            }
        }
    }

    /// Sends everything; waits while the peer does not take it.
    ///
    /// Throws as `read`; how much was sent is unknown then.
    package func write(_ bytes: [UInt8]) async throws {
        var sent = 0
        while sent < bytes.count {
            sent += try await send { open in
                unsafe bytes.withUnsafeBytes { all in
                    unsafe clinux_send(
                        open,
                        all.baseAddress.map { unsafe $0 + sent },
                        all.count - sent
                    )
                }
            }
        }
    }

    /// Sends and consumes everything in the buffer.
    ///
    /// Throws as `read`; what was not sent stays in the buffer.
    package func write(_ buffer: inout ByteBuffer) async throws {
        while !buffer.isEmpty {
            let count = try await send { open in
                unsafe buffer.withUnsafeReadableBytes { bytes in
                    unsafe clinux_send(open, bytes.baseAddress, bytes.count)
                }
            }
            buffer.consume(count)
        }
    }

    /// One successful send, waiting until the peer takes something.
    private func send(_ attempt: (Int32) -> Int) async throws -> Int {
        while true {
            let open = descriptor
            guard open >= 0 else { throw closed("writing to") }
            let count = attempt(open)
            if count >= 0 { return count }
            switch Int32(-count) {
            case EAGAIN: try await wait("writing to") { try await $0.writable(open) }
            case EINTR: continue
            default: throw failure("writing to", Int32(-count))
            }
        }
    }

    /// Names the peer in the error of a wait that `close()` ended.
    private func wait(_ call: String, _ body: (Loop) async throws -> Void) async throws {
        do {
            try await body(loop)
        } catch let error as SystemError where error.code == EBADF {
            throw closed(call)
        }
    }

    /// Tells the peer that nothing more comes; reading goes on.
    package func shutdownWrite() {
        guard descriptor >= 0 else { return }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes; waiters resume with an error.
    ///
    /// Harmless when closed already.
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
        SystemError(
            call: call,
            object: name,
            code: EBADF,
            remedy: "It was closed on this side meanwhile."
        )
    }
}
