import ChaosModel
import EventLoop
import JSON

/// Owns the proxies, their toxics and their leases; runs on the control loop.
///
/// Changes go one after the other; reading never waits for them. The data loop is asked only for
/// what touches open connections, and it never blocks, so the API always answers.
actor ProxyControl {
    nonisolated let loop: Loop
    nonisolated let seed: UInt64
    nonisolated let data: DataPlane
    private var turnstile = Turnstile()
    var proxies: [String: ManagedProxy] = [:]
    private var proxyCount = 0
    private var leaseCount = 0
    /// The timer of each lease under way, so that renewing leaves none behind.
    private var leaseTimers: [LeaseHolder: TimerToken] = [:]
    private var isShutDown = false

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - loop: Where the control runs.
    ///   - data: Where the bytes flow.
    ///   - seed: Decides toxicity, jitter and `percent`.
    init(loop: Loop, data: DataPlane, seed: UInt64) {
        self.loop = loop
        self.data = data
        self.seed = seed
    }

    // MARK: reading

    /// The proxies by name, sorted.
    func list() -> [ManagedProxy] {
        proxies.values.sorted { $0.name < $1.name }
    }

    func proxy(_ name: String) throws(ControlError) -> ManagedProxy {
        guard let proxy = proxies[name] else { throw .proxyMissing }
        return proxy
    }

    func toxic(_ name: String, of proxyName: String) throws(ControlError) -> ManagedToxic {
        let proxy = try proxy(proxyName)
        guard let toxic = proxy.toxics.first(where: { $0.toxic.name == name }) else {
            throw .toxicMissing
        }
        return toxic
    }

    /// The open connections of a proxy, oldest first.
    func connections(of name: String) async throws(ControlError) -> [ConnectionSummary] {
        let number = try proxy(name).number
        let summaries = await data.perform { data in data[number]?.summaries() ?? [] }
        return summaries.flatMap { $0 }.sorted { $0.number < $1.number }
    }

    // MARK: proxies

    func create(_ request: ProxyRequest) async throws(ControlError) -> ManagedProxy {
        guard let name = request.name, !name.isEmpty else { throw .fieldMissing("name") }
        guard request.upstream?.isEmpty == false else { throw .fieldMissing("upstream") }
        await enter()
        defer { leave() }
        guard proxies[name] == nil else { throw .proxyExists }
        return try await add(name, request)
    }

    func update(
        _ name: String,
        _ request: ProxyRequest
    ) async throws(ControlError) -> ManagedProxy {
        await enter()
        defer { leave() }
        var proxy = try proxy(name)
        let isMoved = try await moves(proxy, to: request)
        let shallRun = request.isEnabled ?? proxy.isEnabled
        if proxy.isEnabled, isMoved || !shallRun { await stop(&proxy) }
        proxy.listen = isMoved ? request.listen ?? proxy.listen : proxy.listen
        proxy.upstream = request.upstream ?? proxy.upstream
        proxy.lease = shallRun ? nil : (request.ttl.map { lease($0) } ?? proxy.lease)
        proxies[name] = proxy
        if shallRun, !proxy.isEnabled { try await start(&proxy) }
        proxies[name] = proxy
        if let lease = proxy.lease, request.ttl != nil { expire(lease, proxy: name) }
        return proxy
    }

    func delete(_ name: String) async throws(ControlError) {
        await enter()
        defer { leave() }
        var proxy = try proxy(name)
        await remove(&proxy)
    }

    /// Creates or replaces the given proxies; what was done so far stands in the answer on error.
    func populate(
        _ requests: [ProxyRequest]
    ) async -> (proxies: [ManagedProxy], error: ControlError?) {
        for (index, request) in requests.enumerated() {
            for (field, value) in [("name", request.name), ("upstream", request.upstream)]
            where value?.isEmpty != false {
                return ([], .fieldMissing("\(field) at proxy \(index + 1)"))
            }
        }
        await enter()
        defer { leave() }
        var done: [ManagedProxy] = []
        for request in requests {
            do throws(ControlError) {
                done.append(try await put(request))
            } catch {
                return (done, error)
            }
        }
        return (done, nil)
    }

    /// Enables every proxy and removes every toxic.
    ///
    /// - Throws: `ControlError` when a proxy cannot listen; all the rest is done nevertheless.
    func reset() async throws(ControlError) {
        await enter()
        defer { leave() }
        var mistake: ControlError?
        for name in proxies.keys.sorted() {
            guard var proxy = proxies[name] else { continue }
            proxy.lease = nil
            let toxics = proxy.toxics.map(\.toxic.name)
            proxy.toxics = []
            proxies[name] = proxy
            let number = proxy.number
            await data.perform { data in
                for toxic in toxics { data[number]?.remove(toxic: toxic) }
            }
            guard !proxy.isEnabled else { continue }
            do throws(ControlError) {
                try await start(&proxy)
            } catch {
                mistake = mistake ?? error
            }
            proxies[name] = proxy
        }
        if let mistake { throw mistake }
    }

    /// Stops everything; the control is of no use afterwards.
    func shutdown() async {
        await enter()
        defer { leave() }
        guard !isShutDown else { return }
        isShutDown = true
        for timer in leaseTimers.values { loop.cancel(timer) }
        proxies = [:]
        await data.shutdown()
    }

    // MARK: turns and leases

    /// Waits for this change's turn.
    func enter() async {
        if turnstile.take() { return }
        await withCheckedContinuation { turnstile.wait($0) }
    }

    /// Lets the next change begin.
    func leave() {
        turnstile.release()
    }

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

    private func expire(_ lease: Lease, proxy name: String) {
        atEnd(of: lease, LeaseHolder(proxy: name, toxic: nil)) { [weak self] in
            await self?.enableAgain(name, lease)
        }
    }

    private func enableAgain(_ name: String, _ lease: Lease) async {
        await enter()
        defer { leave() }
        guard var proxy = proxies[name], proxy.lease == lease, !isShutDown else { return }
        proxy.lease = nil
        // When the port was taken meanwhile the proxy stays down and says so (`enabled`: false).
        try? await start(&proxy)
        proxies[name] = proxy
    }

    // MARK: helpers

    private func put(_ request: ProxyRequest) async throws(ControlError) -> ManagedProxy {
        let name = request.name ?? ""
        guard var old = proxies[name] else { return try await add(name, request) }
        guard try await moves(old, to: request) || request.wireProtocol ?? .tcp != old.wireProtocol
        else { return old }
        await remove(&old)
        return try await add(name, request)
    }

    private func add(
        _ name: String,
        _ request: ProxyRequest
    ) async throws(ControlError) -> ManagedProxy {
        proxyCount += 1
        var proxy = ManagedProxy(
            number: proxyCount,
            name: name,
            listen: request.listen ?? "",
            upstream: request.upstream ?? "",
            wireProtocol: request.wireProtocol ?? .tcp
        )
        for toxic in request.toxics { _ = try manage(toxic, in: &proxy) }
        let (number, wireProtocol, seed) = (proxy.number, proxy.wireProtocol, seed)
        let (toxics, share) = (proxy.toxics.map(\.toxic), LinkShare(number: number, plane: data))
        await data.perform { data in
            let link = LinkPort(
                name: name,
                wireProtocol: wireProtocol,
                seed: seed,
                share: share,
                data: data
            )
            for toxic in toxics { link.add(toxic) }
            data[number] = link
        }
        if request.isEnabled ?? true {
            do throws(ControlError) {
                try await start(&proxy)
            } catch {
                await data.perform { data in data[number] = nil }
                throw error
            }
        } else if let ttl = request.ttl {
            let end = lease(ttl)
            proxy.lease = end
            expire(end, proxy: name)
        }
        proxies[name] = proxy
        for managed in proxy.toxics {
            if let lease = managed.lease { expire(lease, toxic: managed.toxic.name, of: name) }
        }
        return proxy
    }

    private func remove(_ proxy: inout ManagedProxy) async {
        await stop(&proxy)
        proxies[proxy.name] = nil
        let number = proxy.number
        await data.perform { data in data[number] = nil }
    }

    private func start(_ proxy: inout ManagedProxy) async throws(ControlError) {
        let socket = try await ListenSocket.open(proxy.listen, data: data)
        let (number, upstream) = (proxy.number, Upstream(parsing: proxy.upstream))
        let failure = await data.home.perform { data in
            data[number]?.open(socket: socket.descriptor, upstream: upstream)
        }
        if let failure { throw .socket("listen tcp \(proxy.listen): \(failure)") }
        proxy.listen = socket.address
        proxy.isEnabled = true
    }

    private func stop(_ proxy: inout ManagedProxy) async {
        guard proxy.isEnabled else { return }
        let number = proxy.number
        proxy.cuts += await data.perform { data in data[number]?.stop() ?? 0 }.reduce(0, +)
        proxy.isEnabled = false
    }

    /// Whether a request changes where the proxy listens or dials.
    private func moves(
        _ proxy: ManagedProxy,
        to request: ProxyRequest
    ) async throws(ControlError) -> Bool {
        // The address first: a mistake in it must change nothing.
        if let listen = request.listen, listen != proxy.listen,
            try await ListenSocket.resolve(listen, data: data) != proxy.listen
        {
            return true
        }
        return request.upstream.map { $0 != proxy.upstream } ?? false
    }
}
