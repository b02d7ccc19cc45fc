import EventLoop

// Leases: what undoes itself unless somebody renews it.
extension ProxyControl {
    /// A lease from now on; milliseconds, bounded by 10 years.
    func lease(_ milliseconds: Int64) -> Lease {
        leaseCount += 1
        let length = min(max(0, milliseconds), 315_360_000_000) * 1_000_000
        return Lease(number: leaseCount, expiresAt: Loop.monotonicNanoseconds() + length)
    }

    /// Calls `body` on the loop when the lease ends; replaces what was to happen to its holder.
    func atEnd(
        of lease: Lease,
        _ holder: LeaseHolder,
        _ body: @escaping @Sendable () async -> Void
    ) {
        if let timer = leaseTimers[holder] { loop.cancel(timer) }
        let delay = max(0, lease.expiresAt - Loop.monotonicNanoseconds())
        leaseTimers[holder] = loop.after(.nanoseconds(delay)) { [loop] in
            // Owned by nobody: it ends by itself after one change.
            _ = loop.spawn { await body() }
        }
    }

    func expire(_ lease: Lease, proxy name: String) {
        atEnd(of: lease, LeaseHolder(proxy: name, toxic: nil)) { [weak self] in
            await self?.enableAgain(name, lease)
        }
    }

    private func enableAgain(_ name: String, _ lease: Lease) async {
        let addresses = await ListenAddresses.resolve([proxies[name]?.listen], data)
        await enter()
        defer { leave() }
        guard var proxy = proxies[name], proxy.lease == lease, !isShutDown else { return }
        proxy.lease = nil
        // When the port was taken meanwhile the proxy stays down and says so (`enabled`: false).
        try? await start(&proxy, addresses)
        proxies[name] = proxy
        tell(.proxyChanged, proxy)
    }
}
