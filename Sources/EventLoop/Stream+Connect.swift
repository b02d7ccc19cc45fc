internal import CLinux
internal import Glibc

extension Stream {
    /// How long to wait before a full Unix listener is asked again.
    private static let backlogPause: Duration = .milliseconds(2)

    /// Connects; on a loop.
    ///
    /// Throws `SystemError` (ECONNREFUSED, ETIMEDOUT, …), `CancellationError`; nothing stays open
    /// then.
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
        do {
            if address.family != AF_UNIX { _ = clinux_nodelay(descriptor) }
            let status = try await begin(descriptor, address, timeout, loop)
            if status == -EINPROGRESS {
                try await finish(descriptor, address, timeout, loop)
            } else {
                _ = try SystemError.check(status, call: "connecting to", object: "\(address)")
            }
            try refuseItself(descriptor, address)
            return try Stream(adopting: descriptor, loop: loop)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Asks the kernel; a Unix listener whose backlog is full (EAGAIN) is asked again until the
    /// timeout.
    private static func begin(
        _ descriptor: Int32,
        _ address: SocketAddress,
        _ timeout: Duration,
        _ loop: Loop
    ) async throws -> Int32 {
        let start = Loop.monotonicNanoseconds()
        while true {
            let status = try unsafe address.withNative { native, length in
                unsafe clinux_connect(descriptor, native, length)
            }
            guard status == -EAGAIN, address.family == AF_UNIX else { return status }
            guard Loop.monotonicNanoseconds() - start < timeout.nanosecondsClamped else {
                return -ETIMEDOUT
            }
            try await loop.sleep(for: backlogPause)
        }
    }

    private static func finish(
        _ descriptor: Int32,
        _ address: SocketAddress,
        _ timeout: Duration,
        _ loop: Loop
    ) async throws {
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
        guard code == 0 else {
            throw SystemError(call: "connecting to", object: "\(address)", code: code)
        }
    }

    /// TCP's simultaneous open lets a socket connect to itself when its own port is the one it
    /// looks for.
    private static func refuseItself(
        _ descriptor: Int32,
        _ address: SocketAddress
    ) throws(SystemError) {
        guard address.family != AF_UNIX,
            let here = SocketAddress(of: descriptor, peer: false),
            here == SocketAddress(of: descriptor, peer: true)
        else { return }
        throw SystemError(call: "connecting to", object: "\(address)", code: ECONNREFUSED)
    }
}
