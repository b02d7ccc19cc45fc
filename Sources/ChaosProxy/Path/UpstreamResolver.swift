import EventLoop
import Glibc

/// Where a proxy's server is.
enum Upstream: Sendable, Equatable {
    case address(SocketAddress)
    /// Looked up for each connection, as the address may change.
    case name(host: String, port: UInt16)

    /// Reads `host:port`, `[ipv6]:port` or `unix:/path`.
    ///
    /// - Throws: `ListenTextError` when it is none of them.
    init(parsing text: String) throws(ListenTextError) {
        if let address = try? SocketAddress(parsing: text) {
            self = .address(address)
            return
        }
        let parts = try HostPort(parsing: text)
        self = .name(host: parts.host, port: parts.port)
    }
}

/// Looks up names on a thread of its own, because getaddrinfo(3) blocks.
///
/// Confined to the data loop that owns it.
final class UpstreamResolver {
    private unowned let data: DataLoop
    private var helper: Loop?
    private var waiting: [UInt64: (SocketAddress?) -> Void] = [:]
    private var count: UInt64 = 0

    init(data: DataLoop) {
        self.data = data
    }

    /// Calls `body` on the data loop with the first address of the name, `nil` when there is none.
    func resolve(host: String, port: UInt16, then body: @escaping (SocketAddress?) -> Void) {
        if helper == nil { helper = try? Loop.start(label: "chaos-resolve") }
        guard let helper else { return body(nil) }
        count += 1
        let number = count
        waiting[number] = body
        let data = self.data
        helper.execute {
            let address = Sockets.lookUp(host: host, port: port).first
            data.loop.execute { data.resolver.answered(number, address) }
        }
    }

    func stop() {
        helper?.stop()
        helper = nil
    }

    private func answered(_ number: UInt64, _ address: SocketAddress?) {
        waiting.removeValue(forKey: number)?(address)
    }
}
