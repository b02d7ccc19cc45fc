import ChaosModel
import EventLoop
import JSON

// How proxies begin, move and end; each of these is called by a change that has its turn.
extension ProxyControl {
    /// Creates a proxy, or replaces the one of that name unless it has the same addresses.
    func put(
        _ request: ProxyRequest,
        _ addresses: ListenAddresses
    ) async throws(ControlError) -> ManagedProxy {
        let name = request.name ?? ""
        guard var old = proxies[name] else { return try await add(name, request, addresses) }
        let speaksOther =
            request.wireProtocol ?? .tcp != old.wireProtocol || request.security != old.security
        guard try await moves(old, to: request, addresses) || speaksOther else { return old }
        await remove(&old)
        return try await add(name, request, addresses)
    }

    func add(
        _ name: String,
        _ request: ProxyRequest,
        _ addresses: ListenAddresses
    ) async throws(ControlError) -> ManagedProxy {
        let security = try security(of: request)
        proxyCount += 1
        let share = LinkShare(number: proxyCount, plane: data, security: security)
        var proxy = ManagedProxy(
            number: proxyCount,
            name: name,
            listen: request.listen ?? "",
            upstream: request.upstream ?? "",
            wireProtocol: request.wireProtocol ?? .tcp,
            security: request.security,
            share: share,
            onDeath: request.onDeath ?? .cut
        )
        for toxic in request.toxics { _ = try manage(toxic, in: &proxy) }
        let (number, wireProtocol, seed) = (proxy.number, proxy.wireProtocol, seed)
        let toxics = proxy.toxics.map(\.toxic)
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
                try await start(&proxy, addresses)
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
        tell(.proxyCreated, proxy)
        for toxic in toxics { tell(.toxicAdded, proxy, toxic.name) }
        return proxy
    }

    private func security(of request: ProxyRequest) throws(ControlError) -> LinkSecurity? {
        guard let settings = request.security else { return nil }
        return try settings.security(
            upstream: request.upstream ?? "",
            listen: request.listen ?? "",
            wireProtocol: request.wireProtocol ?? .tcp
        )
    }

    func remove(_ proxy: inout ManagedProxy) async {
        await stop(&proxy)
        proxies[proxy.name] = nil
        let number = proxy.number
        await data.perform { data in data[number] = nil }
        tell(.proxyDeleted, proxy)
    }

    func start(
        _ proxy: inout ManagedProxy,
        _ addresses: ListenAddresses
    ) async throws(ControlError) {
        let address = await addresses.address(of: proxy.listen, data)
        try await start(&proxy, on: try await socket(at: address))
    }

    /// Begins to accept at a socket that listens already; it is closed when that fails.
    func start(_ proxy: inout ManagedProxy, on socket: ListenSocket) async throws(ControlError) {
        let (number, upstream) = (proxy.number, Upstream(parsing: proxy.upstream))
        let failure = await data.home.perform { data in
            data[number]?.open(socket: socket.descriptor, upstream: upstream)
        }
        if let failure { throw .socket("listen tcp \(proxy.listen): \(failure)") }
        proxy.listen = socket.address
        proxy.isEnabled = true
        guard proxy.onDeath == .passthrough else { return }
        do throws(ControlError) {
            try await tellStandIn(proxy)
        } catch {
            await stop(&proxy)
            throw error
        }
    }

    func stop(_ proxy: inout ManagedProxy) async {
        guard proxy.isEnabled else { return }
        let number = proxy.number
        if proxy.onDeath == .passthrough { standIn?.drop(proxy.number) }
        proxy.cuts += await data.perform { data in data[number]?.stop() ?? 0 }.reduce(0, +)
        proxy.isEnabled = false
        ListenSocket.removePath(proxy.listen)
    }

    /// Whether a request changes where the proxy listens or dials.
    func moves(
        _ proxy: ManagedProxy,
        to request: ProxyRequest,
        _ addresses: ListenAddresses
    ) async throws(ControlError) -> Bool {
        // The address first: a mistake in it must change nothing.
        if let listen = request.listen, listen != proxy.listen,
            "\(try await addresses.address(of: listen, data).get())" != proxy.listen
        {
            return true
        }
        return request.upstream.map { $0 != proxy.upstream } ?? false
    }

    /// Tells listeners what became of a proxy, or of a toxic of its.
    func tell(_ kind: ProxyEvent.Kind, _ proxy: ManagedProxy, _ toxic: String? = nil) {
        data.events.tell(kind, of: proxy.name) {
            guard let toxic else {
                return [
                    "listen": .string(proxy.listen), "upstream": .string(proxy.upstream),
                    "enabled": .bool(proxy.isEnabled),
                ]
            }
            var object: JSONObject = ["toxic": .string(toxic)]
            guard let managed = proxy.toxics.first(where: { $0.toxic.name == toxic }) else {
                return object
            }
            object["type"] = .string(managed.toxic.type.name)
            object["stream"] = .string(managed.toxic.direction.rawValue)
            object["attributes"] = .object(managed.toxic.attributesJSON)
            return object
        }
    }
}
