import EventLoop

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
