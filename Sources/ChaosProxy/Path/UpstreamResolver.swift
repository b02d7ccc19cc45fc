import EventLoop

/// Looks up names on threads of their own, because getaddrinfo(3) blocks.
///
/// A name whose servers do not answer blocks its thread for as long as resolv.conf(5) says; so
/// there are several, the least busy one is asked, and nobody waits longer than `timeout`. Confined
/// to the data loop that owns it.
final class UpstreamResolver {
    /// Threads that look up names.
    private static let helpersMax = 8
    /// Addresses of one name that are used.
    private static let addressesMax = 8
    /// How long one look-up may take.
    private static let timeout = Duration.seconds(10)

    private struct Helper {
        let loop: Loop
        /// Look-ups that it has not finished.
        var busy = 0
    }

    private struct Inquiry {
        let body: ([SocketAddress]) -> Void
        let timer: TimerToken
    }

    /// Blocks until the addresses of a name are known; called on a helper's thread.
    var lookUp: @Sendable (_ host: String, _ port: UInt16) -> [SocketAddress] = Sockets.lookUp
    private unowned let data: DataLoop
    private var helpers: [Helper] = []
    private var waiting: [UInt64: Inquiry] = [:]
    private var count: UInt64 = 0

    init(data: DataLoop) {
        self.data = data
    }

    /// Calls `body` on the data loop with the addresses of the name, in the order to try them.
    ///
    /// Those of IPv4 come first: `localhost` is both, and most servers listen on 127.0.0.1 only.
    func resolve(host: String, port: UInt16, then body: @escaping ([SocketAddress]) -> Void) {
        guard let index = leastBusy() else { return body([]) }
        count += 1
        let number = count
        helpers[index].busy += 1
        let data = self.data
        let timer = data.loop.after(UpstreamResolver.timeout) {
            data.resolver.answered(number, [])
        }
        waiting[number] = Inquiry(body: body, timer: timer)
        helpers[index].loop.execute { [lookUp] in
            let found = lookUp(host, port)
            let inOrder = found.filter(\.isIPv4) + found.filter { !$0.isIPv4 }
            let addresses = Array(inOrder.prefix(UpstreamResolver.addressesMax))
            data.loop.execute { data.resolver.finished(number, addresses, by: index) }
        }
    }

    /// Whoever waits gets no address.
    func stop() {
        for helper in helpers { helper.loop.stop() }
        helpers = []
        for number in waiting.keys.sorted() { answered(number, []) }
    }

    private func leastBusy() -> Int? {
        let best = helpers.indices.min { helpers[$0].busy < helpers[$1].busy }
        if let best, helpers[best].busy == 0 || helpers.count == UpstreamResolver.helpersMax {
            return best
        }
        guard let loop = try? Loop.start(label: "chaos-resolve") else { return best }
        helpers.append(Helper(loop: loop))
        return helpers.count - 1
    }

    private func finished(_ number: UInt64, _ addresses: [SocketAddress], by helper: Int) {
        if helpers.indices.contains(helper) { helpers[helper].busy -= 1 }
        answered(number, addresses)
    }

    private func answered(_ number: UInt64, _ addresses: [SocketAddress]) {
        guard let inquiry = waiting.removeValue(forKey: number) else { return }
        data.loop.cancel(inquiry.timer)
        inquiry.body(addresses)
    }
}

extension SocketAddress {
    fileprivate var isIPv4: Bool { if case .ipv4 = self { true } else { false } }
}
