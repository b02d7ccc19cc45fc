import EventLoop
import Glibc

/// A socket that listens, and the address that it got.
struct ListenSocket: Sendable {
    let descriptor: Int32
    /// `127.0.0.1:43881`, `[::]:36541`, `unix:/path`.
    let address: String

    /// Listens at an address.
    ///
    /// A Unix path that a dead process left behind is taken over; one at which somebody listens is
    /// not.
    ///
    /// - Throws: `ControlError` 500 with Go's text, e.g. `listen tcp 127.0.0.1:80: bind: permission
    ///   denied`.
    static func open(
        _ found: Result<SocketAddress, ControlError>
    ) throws(ControlError) -> ListenSocket {
        let address: SocketAddress
        switch found {
        case .success(let known): address = known
        case .failure(let error): throw .socket("listen tcp: \(error.message)")
        }
        var outcome = Sockets.listen(at: address)
        if case .unix(let path) = address, case .failure(let problem) = outcome,
            problem.code == EADDRINUSE, isAbandoned(path)
        {
            unsafe unlink(path)
            outcome = Sockets.listen(at: address)
        }
        switch outcome {
        case .success(let socket): return socket
        case .failure(let problem):
            let place =
                if case .unix(let path) = address { "unix \(path)" } else { "tcp \(address)" }
            throw .socket("listen \(place): \(problem.call): \(problem.reason)")
        }
    }

    /// Removes the path of a Unix socket that listened; anything else is left alone.
    static func removePath(_ address: String) {
        guard address.hasPrefix("unix:") else { return }
        unsafe unlink(String(address.dropFirst(5)))
    }

    /// Whether a path is a socket at which nobody listens.
    private static func isAbandoned(_ path: String) -> Bool {
        var status = stat()
        // connect(2) refuses plain files with the same errno.
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return false
        }
        return Sockets.tryConnect(to: .unix(path)) == ECONNREFUSED
    }
}
