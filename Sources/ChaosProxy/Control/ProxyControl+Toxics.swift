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
        let toxic = try make(request, for: proxy)
        guard !proxy.toxics.contains(where: { $0.toxic.name == toxic.name }) else {
            throw .toxicExists
        }
        let managed = ManagedToxic(toxic: toxic, lease: request.ttl.map { lease($0) })
        proxy.toxics.append(managed)
        proxies[name] = proxy
        let number = proxy.number
        await data.perform { data in data[number]?.add(toxic) }
        if let lease = managed.lease { expire(lease, toxic: toxic.name, of: name) }
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
        let isChanged = request.hasAttributes || request.toxicity != nil || request.match != nil
        if isChanged {
            try apply(request, to: &managed.toxic)
            managed.toxic.revision += 1
        }
        if let ttl = request.ttl { managed.lease = lease(ttl) }
        proxy.toxics[index] = managed
        proxies[name] = proxy
        if isChanged {
            let (number, toxic) = (proxy.number, managed.toxic)
            await data.perform { data in data[number]?.update(toxic) }
        }
        if request.ttl != nil, let lease = managed.lease {
            expire(lease, toxic: toxicName, of: name)
        }
        return managed
    }

    func removeToxic(_ toxicName: String, of name: String) async throws(ControlError) {
        await enter()
        defer { leave() }
        try await remove(toxicName, of: name)
    }

    private func remove(_ toxicName: String, of name: String) async throws(ControlError) {
        var proxy = try proxy(name)
        guard let index = proxy.toxics.firstIndex(where: { $0.toxic.name == toxicName }) else {
            throw .toxicMissing
        }
        proxy.toxics.remove(at: index)
        proxies[name] = proxy
        let number = proxy.number
        await data.perform { data in data[number]?.remove(toxic: toxicName) }
    }

    private func expire(_ lease: Lease, toxic: String, of name: String) {
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
        try? await remove(toxicName, of: name)
    }

    private func make(
        _ request: ToxicRequest,
        for proxy: ManagedProxy
    ) throws(ControlError) -> Toxic {
        let stream = request.stream ?? "downstream"
        guard let direction = Direction(rawValue: stream.lowercased()) else {
            throw .streamInvalid
        }
        guard let type = ToxicRegistry.type(named: request.type ?? "") else { throw .typeInvalid }
        if let needs = type.needs, needs != proxy.wireProtocol {
            let message =
                "toxic type \(type.name) needs a proxy with protocol \(needs.rawValue), "
                + "\(proxy.name) has \(proxy.wireProtocol.rawValue)"
            throw ControlError(status: 400, message: message)
        }
        let name = request.name ?? ""
        var toxic = Toxic(
            name: name.isEmpty ? "\(type.name)_\(stream)" : name,
            type: type,
            direction: direction,
            stream: stream,
            toxicity: 1,
            attributes: ToxicAttributes(type.fields.map { _ in 0 }),
            ownSeed: request.seed.map { UInt64(bitPattern: $0) },
            tally: ToxicTally()
        )
        try apply(request, to: &toxic)
        return toxic
    }

    private func apply(_ request: ToxicRequest, to toxic: inout Toxic) throws(ControlError) {
        toxic.toxicity = request.toxicity ?? toxic.toxicity
        for (index, field) in toxic.type.fields.enumerated() {
            toxic.attributes.values[index] =
                request.attributes[field.name] ?? toxic.attributes.values[index]
        }
        guard let match = request.match else { return }
        try match.check(for: toxic.type)
        toxic.match = match
    }
}
