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
    var proxyCount = 0
    var leaseCount = 0
    /// The timer of each lease under way, so that renewing leaves none behind.
    var leaseTimers: [LeaseHolder: TimerToken] = [:]
    var isShutDown = false
    /// What this server leaves behind; `nil`: it cannot.
    nonisolated let standInSettings: StandInSettings?
    /// Once a proxy has asked for one.
    var standIn: StandInLink?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - loop: Where the control runs.
    ///   - data: Where the bytes flow.
    ///   - seed: Decides toxicity, jitter and `percent`.
    ///   - standIn: What it needs to leave a stand-in behind.
    init(loop: Loop, data: DataPlane, seed: UInt64, standIn: StandInSettings? = nil) {
        self.loop = loop
        standInSettings = standIn
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

    /// What each proxy has carried so far, sorted by name.
    func traffic() async -> [(proxy: ManagedProxy, traffic: LinkTraffic)] {
        let ports = await data.perform { data in data.traffic() }
        var sums: [Int: LinkTraffic] = [:]
        for port in ports {
            for (number, traffic) in port { sums[number, default: LinkTraffic()] += traffic }
        }
        return list().map { ($0, sums[$0.number] ?? LinkTraffic()) }
    }

    // MARK: proxies

    func create(_ request: ProxyRequest) async throws(ControlError) -> ManagedProxy {
        guard let name = request.name, !name.isEmpty else { throw .fieldMissing("name") }
        guard request.upstream?.isEmpty == false else { throw .fieldMissing("upstream") }
        let addresses = await ListenAddresses.resolve([request.wantedListen], data)
        await enter()
        defer { leave() }
        guard proxies[name] == nil else { throw .proxyExists }
        return try await add(name, request, addresses)
    }

    func update(
        _ name: String,
        _ request: ProxyRequest
    ) async throws(ControlError) -> ManagedProxy {
        let known = try proxy(name).listen
        let addresses = await ListenAddresses.resolve([request.listen, known], data)
        await enter()
        defer { leave() }
        var proxy = try proxy(name)
        let isMoved = try await moves(proxy, to: request, addresses)
        let shallRun = request.isEnabled ?? proxy.isEnabled
        if proxy.isEnabled, isMoved || !shallRun { await stop(&proxy) }
        proxy.listen = isMoved ? request.listen ?? proxy.listen : proxy.listen
        proxy.upstream = request.upstream ?? proxy.upstream
        proxy.lease = shallRun ? nil : (request.ttl.map { lease($0) } ?? proxy.lease)
        proxies[name] = proxy
        if shallRun, !proxy.isEnabled { try await start(&proxy, addresses) }
        if let onDeath = request.onDeath, onDeath != proxy.onDeath {
            proxy.onDeath = onDeath
            try await tellStandIn(proxy)
        }
        proxies[name] = proxy
        if let lease = proxy.lease, request.ttl != nil { expire(lease, proxy: name) }
        tell(.proxyChanged, proxy)
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
        let addresses = await ListenAddresses.resolve(requests.map(\.wantedListen), data)
        await enter()
        defer { leave() }
        var done: [ManagedProxy] = []
        for request in requests {
            do throws(ControlError) {
                done.append(try await put(request, addresses))
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
        let stopped = proxies.values.filter { !$0.isEnabled }.map(\.listen)
        let addresses = await ListenAddresses.resolve(stopped, data)
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
            for toxic in toxics { tell(.toxicRemoved, proxy, toxic) }
            guard !proxy.isEnabled else { continue }
            do throws(ControlError) {
                try await start(&proxy, addresses)
            } catch {
                mistake = mistake ?? error
            }
            proxies[name] = proxy
            tell(.proxyChanged, proxy)
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
        for proxy in proxies.values where proxy.isEnabled { ListenSocket.removePath(proxy.listen) }
        proxies = [:]
        // Before the listeners close: what it holds must not be served.
        standIn?.end()
        await data.shutdown()
    }

    // MARK: turns

    /// Waits for this change's turn.
    func enter() async {
        if turnstile.take() { return }
        await withCheckedContinuation { turnstile.wait($0) }
    }

    /// Lets the next change begin.
    func leave() {
        turnstile.release()
    }
}
