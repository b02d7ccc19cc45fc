internal import CLinux
internal import Glibc

/// A socket that accepts connections, confined to the loop on which it was bound.
// Unchecked: every member is touched on the loop's thread only.
package final class Listener: @unchecked Sendable {
    package let loop: Loop
    /// -1 once closed.
    package private(set) var descriptor: Int32
    /// Where it really listens: with port 0 the kernel chose one.
    package let address: SocketAddress

    /// Out of descriptors: how long to wait before accepting again.
    private static let exhaustionPause: Duration = .milliseconds(50)

    private init(descriptor: Int32, address: SocketAddress, loop: Loop) throws(SystemError) {
        self.loop = loop
        self.descriptor = descriptor
        self.address = SocketAddress(of: descriptor, peer: false) ?? address
        try loop.attach(descriptor)
    }

    deinit {
        guard descriptor >= 0 else { return }
        let (loop, descriptor) = (loop, descriptor)
        loop.execute {
            loop.detach(descriptor)
            Glibc.close(descriptor)
        }
    }

    /// Listens; on a loop. A Unix path must not exist yet.
    ///
    /// Throws `SystemError` (EADDRINUSE, EACCES, EINVAL, …).
    package static func bind(
        _ address: SocketAddress,
        backlog: Int32 = 1024
    ) throws(SystemError) -> Listener {
        guard let loop = Loop.current else { preconditionFailure("bind is called on a loop") }
        let descriptor = try SystemError.check(
            clinux_socket(address.family),
            call: "socket",
            object: "\(address)"
        )
        do {
            _ = clinux_reuse_address(descriptor)
            let bound: Int32
            do {
                bound = try unsafe address.withNative { native, length in
                    unsafe clinux_bind(descriptor, native, length)
                }
            } catch { bound = -EINVAL }
            _ = try SystemError.check(bound, call: "listening on", object: "\(address)")
            _ = try SystemError.check(
                clinux_listen(descriptor, backlog),
                call: "listening on",
                object: "\(address)"
            )
            return try Listener(descriptor: descriptor, address: address, loop: loop)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Waits for a connection.
    ///
    /// Throws `SystemError` (EBADF once closed), `CancellationError`. Running out of descriptors is waited out.
    package func accept() async throws -> Stream {
        while true {
            guard descriptor >= 0 else {
                throw SystemError(call: "accepting on", object: "\(address)", code: EBADF)
            }
            let accepted = clinux_accept(descriptor)
            if accepted >= 0 {
                if case .unix = address {} else { _ = clinux_nodelay(accepted) }
                do {
                    return try Stream(adopting: accepted, loop: loop)
                } catch {
                    Glibc.close(accepted)
                    throw error
                }
            }
            switch -accepted {
            case EAGAIN: try await loop.readable(descriptor)
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: try await loop.sleep(for: Self.exhaustionPause)
            default: throw SystemError(call: "accepting on", object: "\(address)", code: -accepted)
            }
        }
    }

    /// Stops listening; a waiting `accept` resumes with an error. Harmless when closed already.
    package func close() {
        guard descriptor >= 0 else { return }
        loop.detach(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
    }
}
