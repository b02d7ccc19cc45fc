internal import CNetlink
internal import Glibc

/// The kernel or libnl refused a request; nothing was changed by it.
package struct NetlinkError: Error, Equatable, CustomStringConvertible {
    /// What kind of refusal it was, as far as callers tell kinds apart.
    package enum Code: Sendable, Equatable {
        /// There is no such thing (any more).
        case missing
        /// There is one already.
        case exists
        case notPermitted
        /// This kernel does not have it.
        case unsupported
        /// The kernel did not answer, or not in its own format.
        case noAnswer
        case refused
    }

    package var code: Code
    /// What was tried, with its object: `adding netem to eth0`.
    package var deed: String
    /// The errno of the kernel; 0 when libnl failed.
    package var errno: Int32
    /// The kernel's own words; empty when it gave none.
    package var reason: String

    package var description: String {
        let why = reason.isEmpty ? Self.words(errno) : "\(Self.words(errno)): \(reason)"
        return "\(deed) failed: \(why). \(remedy)"
    }

    private var remedy: String {
        switch code {
        case .missing: "Check the names: ip link, tc qdisc."
        case .exists: "Remove what is there first."
        case .notPermitted: "Run as root or grant CAP_NET_ADMIN."
        case .unsupported: "Load the kernel module (modprobe), or use a kernel that has it."
        case .noAnswer: "Try again; if it stays so, report the kernel's version (uname -r)."
        case .refused: "Check the arguments against the kernel's reason."
        }
    }

    private static func words(_ errno: Int32) -> String {
        errno == 0 ? "libnl could not" : unsafe String(cString: strerror(errno))
    }
}

extension NetlinkError {
    /// An errno of the kernel, with its words where it gave any.
    init(deed: String, errno: Int32, reason: String = "") {
        self.deed = deed
        self.errno = errno
        self.reason = reason.hasSuffix(".") ? String(reason.dropLast()) : reason
        switch errno {
        // "Specified qdisc kind is unknown" comes as ENOENT, and so does "no such qdisc".
        case ENOENT where reason.contains("unknown"): code = .unsupported
        case ENOENT, ENODEV, ESRCH: code = .missing
        case EEXIST: code = .exists
        case EPERM, EACCES: code = .notPermitted
        case EOPNOTSUPP, EAFNOSUPPORT: code = .unsupported
        case ETIMEDOUT, EAGAIN: code = .noAnswer
        default: code = .refused
        }
    }

    /// Turns libnl's convention (a negative code of its own) into an error.
    static func check(_ result: Int32, _ deed: @autoclosure () -> String) throws(NetlinkError) {
        guard result < 0 else { return }
        throw NetlinkError(libnl: result, deed: deed())
    }

    init(libnl code: Int32, deed: String) {
        let words = unsafe nl_geterror(code).map { unsafe String(cString: $0) } ?? ""
        self.init(deed: deed, errno: 0, reason: words)
        if -code == Int32(NLE_AGAIN) { self.code = .noAnswer }
        if -code == Int32(NLE_PERM) || -code == Int32(NLE_NOACCESS) { self.code = .notPermitted }
    }
}
