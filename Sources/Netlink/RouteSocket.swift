internal import CNetlink
internal import Glibc
package import LinuxSystem

/// A socket to the routing tables, links and disciplines of one network namespace.
///
/// It belongs to the namespace in which it was opened, wherever its user runs. Calls block for as
/// long as the kernel works on them (microseconds). Not shared between threads at once.
// Unchecked: libnl's socket has no ties to a thread, and owners use it one call at a time.
@safe
package final class RouteSocket: @unchecked Sendable {
    private let socket: OpaquePointer

    /// How long the kernel may take for an answer, milliseconds.
    private static let answerMax: Int32 = 5_000
    /// How often a dump is repeated that the kernel says was disturbed.
    private static let dumpsMax = 5

    /// Opens a socket in our own namespace.
    ///
    /// - Throws: `NetlinkError`.
    package init() throws(NetlinkError) {
        let deed = "opening a netlink socket"
        guard let socket = unsafe nl_socket_alloc() else {
            preconditionFailure("out of memory for a netlink socket")
        }
        let result = unsafe nl_connect(socket, NETLINK_ROUTE)
        guard result >= 0 else {
            unsafe nl_socket_free(socket)
            throw NetlinkError(libnl: result, deed: deed)
        }
        unsafe self.socket = socket
        let descriptor = unsafe nl_socket_get_fd(socket)
        // A kernel that cannot explain itself still refuses correctly.
        _ = cnetlink_explain_refusals(descriptor)
        guard cnetlink_bound_receive(descriptor, Self.answerMax) == 0 else {
            throw NetlinkError(deed: deed, errno: errno)
        }
    }

    deinit { unsafe nl_socket_free(socket) }

    /// Opens a socket in another namespace.
    ///
    /// - Throws: `SystemError` when it cannot be entered, `NetlinkError`.
    package static func open(in namespace: OpenNamespace) throws -> RouteSocket {
        try namespace.run { try RouteSocket() }
    }

    /// Sends a request and waits until the kernel has carried it out.
    ///
    /// - Throws: `NetlinkError`; then nothing was changed.
    package func request(_ message: NetlinkMessage, _ deed: String) throws(NetlinkError) {
        _ = try exchange(message, deed)
    }

    /// Sends a question and gathers the answers.
    ///
    /// - Throws: `NetlinkError`.
    func dump(_ message: () -> NetlinkMessage, _ deed: String) throws(NetlinkError) -> [Reply] {
        for _ in 1..<Self.dumpsMax {
            if let replies = try exchange(message(), deed) { return replies }
        }
        throw NetlinkError(deed: deed, errno: EAGAIN, reason: "the tables change all the time")
    }

    /// One message of the kernel: its type, and what follows the header.
    struct Reply {
        var type: UInt16
        var payload: ArraySlice<UInt8>
    }

    /// The replies; `nil` when the kernel says that they do not fit together.
    private func exchange(
        _ message: NetlinkMessage,
        _ deed: String
    ) throws(NetlinkError) -> [Reply]? {
        try unsafe message.send(on: socket, deed)
        var gathered = Gathered(sequence: message.sequence)
        while !gathered.isComplete {
            try gathered.read(try receive(deed), deed)
        }
        return gathered.isDisturbed ? nil : gathered.replies
    }

    private func receive(_ deed: String) throws(NetlinkError) -> [UInt8] {
        var address = sockaddr_nl()
        var buffer: UnsafeMutablePointer<UInt8>?
        let count = unsafe nl_recv(socket, &address, &buffer, nil)
        defer { unsafe free(buffer) }
        guard count > 0, let start = unsafe buffer else {
            if count < 0 { throw NetlinkError(libnl: count, deed: deed) }
            throw NetlinkError(deed: deed, errno: ETIMEDOUT)
        }
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }
}

/// The answers to one request, put together from what was received.
private struct Gathered {
    let sequence: UInt32
    var replies: [RouteSocket.Reply] = []
    var isComplete = false
    var isDisturbed = false

    private static let headerSize = 16

    /// - Throws: `NetlinkError` when the kernel refuses.
    mutating func read(_ received: [UInt8], _ deed: String) throws(NetlinkError) {
        var rest = received[...]
        while let length = rest.number(UInt32.self, at: 0).map(Int.init),
            length >= Self.headerSize, length <= rest.count,
            let type = rest.number(UInt16.self, at: 4), let flags = rest.number(UInt16.self, at: 6)
        {
            let start = rest.startIndex
            let payload = rest[(start + Self.headerSize)..<(start + length)]
            // An answer to an earlier request that was given up.
            let isOurs = rest.number(UInt32.self, at: 8) == sequence
            rest = rest.dropFirst((length + 3) & ~3)
            guard isOurs else { continue }
            if flags & UInt16(NLM_F_DUMP_INTR) != 0 { isDisturbed = true }
            switch Int32(type) {
            case Int32(NLMSG_ERROR):
                isComplete = true
                try refuse(payload, flags, deed)
            case Int32(NLMSG_DONE): isComplete = true
            case Int32(NLMSG_NOOP): continue
            default: replies.append(RouteSocket.Reply(type: type, payload: payload))
            }
        }
    }

    private func refuse(
        _ payload: ArraySlice<UInt8>,
        _ flags: UInt16,
        _ deed: String
    ) throws(NetlinkError) {
        guard let code = payload.number(Int32.self, at: 0), code != 0 else { return }
        // The kernel repeats our header, and the whole request unless it capped it.
        let isCapped = flags & UInt16(NLM_F_CAPPED) != 0
        let request = payload.number(UInt32.self, at: 4).map(Int.init) ?? 0
        let skipped = 4 + (isCapped ? Self.headerSize : (request + 3) & ~3)
        let words = Attributes(payload.dropFirst(skipped)).text(Int(NLMSGERR_ATTR_MSG.rawValue))
        throw NetlinkError(deed: deed, errno: -code, reason: words ?? "")
    }
}
