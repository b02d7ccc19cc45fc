import ChaosModel
import EventLoop
import JSON

extension ProxyControl {
    /// Adds a toxic; when it returns, every open connection has it.
    func addToxic(
        _ request: ToxicRequest,
        to name: String
    ) async throws(ControlError) -> ManagedToxic {
        await enter()
        defer { leave() }
        var proxy = try proxy(name)
        let managed = try manage(request, in: &proxy)
        let toxic = managed.toxic
        proxies[name] = proxy
        let number = proxy.number
        await data.perform { data in data[number]?.add(toxic) }
        if let lease = managed.lease { expire(lease, toxic: toxic.name, of: name) }
        tell(.toxicAdded, proxy, toxic.name)
        return managed
    }

    /// Changes a toxic; a request that only renews its lease leaves the connections alone.
    func updateToxic(
        _ toxicName: String,
        _ request: ToxicRequest,
        of name: String
    ) async throws(ControlError) -> ManagedToxic {
        await enter()
        defer { leave() }
        var proxy = try proxy(name)
        guard let index = proxy.toxics.firstIndex(where: { $0.toxic.name == toxicName }) else {
            throw .toxicMissing
        }
        var managed = proxy.toxics[index]
        let isChanged =
            request.attributes != .none || request.toxicity != nil || request.match != nil
        if isChanged {
            try managed.toxic.apply(request)
            managed.toxic.revision += 1
        }
        if let ttl = request.ttl { managed.lease = lease(ttl) }
        proxy.toxics[index] = managed
        proxies[name] = proxy
        if isChanged {
            let (number, toxic) = (proxy.number, managed.toxic)
            await data.perform { data in data[number]?.update(toxic) }
            tell(.toxicUpdated, proxy, toxicName)
        }
        if request.ttl != nil, let lease = managed.lease {
            expire(lease, toxic: toxicName, of: name)
        }
        return managed
    }

    func removeToxic(_ toxicName: String, of name: String) async throws(ControlError) {
        await enter()
        defer { leave() }
        try await remove(toxicName, of: name, as: .toxicRemoved)
    }

    private func remove(
        _ toxicName: String,
        of name: String,
        as event: ProxyEvent.Kind
    ) async throws(ControlError) {
        var proxy = try proxy(name)
        guard let index = proxy.toxics.firstIndex(where: { $0.toxic.name == toxicName }) else {
            throw .toxicMissing
        }
        proxy.toxics.remove(at: index)
        proxies[name] = proxy
        let number = proxy.number
        await data.perform { data in data[number]?.remove(toxic: toxicName) }
        tell(event, proxy, toxicName)
    }

    /// Makes a toxic of a proxy and its lease; nothing works on it yet.
    func manage(
        _ request: ToxicRequest,
        in proxy: inout ManagedProxy
    ) throws(ControlError) -> ManagedToxic {
        let toxic = try Toxic(request, of: proxy.name, proxy.wireProtocol) { name in
            proxy.toxics.contains { $0.toxic.name == name }
        }
        let managed = ManagedToxic(toxic: toxic, lease: request.ttl.map { lease($0) })
        proxy.toxics.append(managed)
        return managed
    }

    /// Removes a toxic when its lease ends.
    func expire(_ lease: Lease, toxic: String, of name: String) {
        atEnd(of: lease, LeaseHolder(proxy: name, toxic: toxic)) { [weak self] in
            await self?.removeExpired(lease, toxic, of: name)
        }
    }

    private func removeExpired(_ lease: Lease, _ toxicName: String, of name: String) async {
        await enter()
        defer { leave() }
        let toxics = proxies[name]?.toxics ?? []
        guard toxics.contains(where: { $0.toxic.name == toxicName && $0.lease == lease }) else {
            return
        }
        try? await remove(toxicName, of: name, as: .toxicExpired)
    }
}
