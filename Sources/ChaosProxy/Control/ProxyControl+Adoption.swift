import JSON

// What a stand-in does with the listeners of a dead server.
extension ProxyControl {
    /// Serves a proxy at a listener that it had, without toxics.
    ///
    /// `object`: as the dead server described it; `listener` is closed when that fails. Throws
    /// `ControlError`.
    func adopt(_ object: JSONValue, listener: Int32) async throws(ControlError) {
        await enter()
        defer { leave() }
        var proxy: ManagedProxy
        do throws(ControlError) {
            var request = try ProxyRequest(try RequestFields(GoValue(object), as: .proxy))
            request.isEnabled = false
            proxy = try await add(request.name ?? "", request, ListenAddresses())
        } catch {
            Sockets.close(listener)
            throw error
        }
        try await start(&proxy, on: ListenSocket(descriptor: listener, address: proxy.listen))
        proxies[proxy.name] = proxy
    }

    /// Gives a listener away and goes on with the connections that are open; `nil`: none listens
    /// there.
    func giveListener(of address: String) async -> Int32? {
        await enter()
        defer { leave() }
        guard var proxy = proxies.values.first(where: { $0.isEnabled && $0.listen == address })
        else { return nil }
        let number = proxy.number
        let descriptor = await data.home.perform { data in data[number]?.giveListener() ?? -1 }
        guard descriptor >= 0 else { return nil }
        proxy.isEnabled = false
        proxies[proxy.name] = proxy
        return descriptor
    }

    /// Whether no proxy listens and no connection is open.
    func isIdle() async -> Bool {
        guard !proxies.values.contains(where: \.isEnabled) else { return false }
        return await traffic().allSatisfy { $0.traffic.open == 0 }
    }
}
