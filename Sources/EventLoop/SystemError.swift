internal import Glibc

/// A call of the operating system failed: which, on what, why, and what to do.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The call or the deed: `listening on`, `epoll_ctl`.
    package var call: String
    /// What it was done to: a path, an address.
    package var object: String
    /// The errno.
    package var code: Int32
    /// What to do; `nil` takes the usual remedy of the errno.
    package var remedy: String?

    package init(call: String, object: String, code: Int32, remedy: String? = nil) {
        self.call = call
        self.object = object
        self.code = code
        self.remedy = remedy
    }

    /// Returns a result that is not negative, throws the errno of one that is.
    package static func check(
        _ result: Int32,
        call: String,
        object: @autoclosure () -> String
    ) throws(SystemError) -> Int32 {
        guard result < 0 else { return result }
        throw SystemError(call: call, object: object(), code: -result)
    }

    package var description: String {
        let text = unsafe String(cString: strerror(code))
        let advice = remedy ?? Self.remedies[code]
        return "\(call) \(object) failed: \(text) (\(name))." + (advice.map { " " + $0 } ?? "")
    }

    /// The symbolic name of the errno.
    package var name: String { Self.names[code] ?? "errno \(code)" }

    private static let names: [Int32: String] = [
        EPERM: "EPERM", ENOENT: "ENOENT", ESRCH: "ESRCH", EINTR: "EINTR", EIO: "EIO",
        EBADF: "EBADF", ECHILD: "ECHILD", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM", EACCES: "EACCES",
        EBUSY: "EBUSY", EEXIST: "EEXIST", ENOTDIR: "ENOTDIR", EISDIR: "EISDIR", EINVAL: "EINVAL",
        ENFILE: "ENFILE", EMFILE: "EMFILE", EFBIG: "EFBIG", ENOSPC: "ENOSPC", EROFS: "EROFS",
        EPIPE: "EPIPE", ENAMETOOLONG: "ENAMETOOLONG", ENOTEMPTY: "ENOTEMPTY", ELOOP: "ELOOP",
        EADDRINUSE: "EADDRINUSE", EADDRNOTAVAIL: "EADDRNOTAVAIL", ENETUNREACH: "ENETUNREACH",
        ECONNABORTED: "ECONNABORTED", ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS",
        ENOTCONN: "ENOTCONN", ETIMEDOUT: "ETIMEDOUT", ECONNREFUSED: "ECONNREFUSED",
        EHOSTUNREACH: "EHOSTUNREACH", ECANCELED: "ECANCELED", EDQUOT: "EDQUOT",
    ]

    private static let remedies: [Int32: String] = [
        EACCES: "Check the permissions, or run as a user who has them.",
        EPERM: "Run as a user who may do this, or as root.",
        EMFILE: "Raise the limit of open files (ulimit -n).",
        ENFILE: "The whole machine is out of file descriptors: close programs.",
        ENOSPC: "Free some space on the disk.",
        EADDRINUSE: "Another program listens there: stop it or choose another port.",
        EADDRNOTAVAIL: "Use an address of this machine.",
        ECONNREFUSED: "Nothing listens there: start it or correct the address.",
        ENOENT: "Check the path.",
        EROFS: "Choose a place that can be written.",
    ]
}
