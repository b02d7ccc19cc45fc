import EventLoop
import LinuxSystem
import Netlink
import Testing

/// A network namespace of the test's own, which vanishes with it, and a socket in it.
struct NetlinkRig {
    let namespace: OpenNamespace
    let socket: RouteSocket

    init() throws {
        namespace = try OpenNamespace.fresh()
        socket = try RouteSocket.open(in: namespace)
    }

    /// Whether this user may make namespaces and interfaces; what needs that says so when it cannot
    /// run.
    static let isPermitted = UserAccount.isRoot
    static let reason: Comment = "needs root: network namespaces and interfaces are made"

    /// An interface that is up.
    func interface(_ kind: LinkKind = .ifb, _ name: String = "test0") throws -> Link {
        try socket.addLink(kind, name: name)
        return try #require(try socket.link(named: name))
    }
}

extension [UInt8] {
    /// `0102ff`, as golden messages are written down; spaces are for readers.
    init(hex text: String) {
        let digits = text.filter { !$0.isWhitespace }
        var bytes: [UInt8] = []
        var rest = digits[...]
        while let byte = UInt8(rest.prefix(2), radix: 16), rest.count >= 2 {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self = bytes
    }

    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
