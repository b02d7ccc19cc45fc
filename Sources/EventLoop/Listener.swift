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

    /// How long to wait before accepting again when the kernel could not.
    private static let pause: Duration = .milliseconds(50)

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

    /// Listens; on a loop.
    ///
    /// A Unix path must not exist yet.
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
    /// Throws `SystemError` (EBADF once closed), `CancellationError`. Running out of descriptors is
    /// waited out.
    package func accept() async throws -> Stream {
        while true {
            guard descriptor >= 0 else { throw closed }
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
            switch Self.reaction(to: -accepted) {
            case .wait: try await waitForNext()
            case .again: continue
            case .pause: try await loop.sleep(for: Self.pause)
            case .give:
                throw SystemError(call: "accepting on", object: "\(address)", code: -accepted)
            }
        }
    }

    /// What to do when the kernel hands out no connection.
    enum Reaction { case wait, again, pause, give }

    static func reaction(to code: Int32) -> Reaction {
        switch code {
        case EAGAIN: .wait
        case EINTR, ECONNABORTED, EPROTO: .again
        // Out of resources, or accept(2) passes on an error of the network: never spin on it.
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM, ENETDOWN, EHOSTDOWN, EHOSTUNREACH,
            ENETUNREACH, EOPNOTSUPP:
            .pause
        default: .give
        }
    }

    private func waitForNext() async throws {
        do {
            try await loop.readable(descriptor)
        } catch let error as SystemError where error.code == EBADF {
            throw closed
        }
    }

    /// Stops listening and removes a Unix path; a waiting `accept` resumes with an error.
    ///
    /// Harmless when closed already.
    package func close() {
        guard descriptor >= 0 else { return }
        loop.detach(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
        if case .unix(let path) = address { unsafe unlink(path) }
    }

    private var closed: SystemError {
        SystemError(
            call: "accepting on",
            object: "\(address)",
            code: EBADF,
            remedy: "It was closed on this side meanwhile."
        )
    }
}
