import CLinux
import ChaosModel
import EventLoop
import JSON

// What a proxy with `on_death: passthrough` leaves behind; called by a change that has its turn.
extension ProxyControl {
    /// Makes true what the proxy's `onDeath` says of its listener.
    ///
    /// Throws `ControlError` 400 when this server leaves no stand-in behind, 500 when none starts.
    func tellStandIn(_ proxy: ManagedProxy) async throws(ControlError) {
        guard proxy.onDeath == .passthrough else { return standIn?.drop(proxy.number) ?? () }
        let link = try standInLink()
        guard proxy.isEnabled else { return link.drop(proxy.number) }
        let number = proxy.number
        let copy = await data.home.perform { data in data[number]?.copyOfListener() ?? -1 }
        guard copy >= 0 else { throw .socket("on_death passthrough: no descriptor is left") }
        defer { Sockets.close(copy) }
        try link.hold(number, proxy.forStandIn, listener: copy)
    }

    /// Listens at an address, or takes over the listener that a stand-in has there.
    func socket(
        at found: Result<SocketAddress, ControlError>
    ) async throws(ControlError) -> ListenSocket {
        do throws(ControlError) {
            return try ListenSocket.open(found)
        } catch {
            guard let standInSettings, case .success(let address) = found, error.isAddressInUse,
                let descriptor = await StandInDoor.take(
                    "\(address)",
                    from: standInSettings.directory
                )
            else { throw error }
            return ListenSocket(descriptor: descriptor, address: "\(address)")
        }
    }

    /// The stand-in died: another one holds what it held, as long as one can be started.
    private func standInLost() async {
        await enter()
        defer { leave() }
        for proxy in proxies.values where proxy.isEnabled && proxy.onDeath == .passthrough {
            try? await tellStandIn(proxy)
        }
    }

    private func standInLink() throws(ControlError) -> StandInLink {
        if let standIn { return standIn }
        guard let settings = standInSettings else {
            throw ControlError(
                status: 400,
                message: "on_death passthrough needs a server of its own. Use chaos proxy serve"
            )
        }
        let link = StandInLink(settings: settings, loop: loop) { [weak self, loop] in
            let control = self
            // Owned by nobody: it ends by itself after one change.
            _ = loop.spawn { await control?.standInLost() }
        }
        standIn = link
        return link
    }
}

extension ManagedProxy {
    /// What a stand-in must know to pass bytes.
    fileprivate var forStandIn: JSONObject {
        var object: JSONObject = [
            "name": .string(name), "listen": .string(listen), "upstream": .string(upstream),
            "protocol": .string(wireProtocol.rawValue),
        ]
        if let security { object["tls"] = security.json }
        return object
    }
}

extension LinkPort {
    /// A second descriptor of the listener, for another process; -1: none.
    func copyOfListener() -> Int32 {
        listener.map { clinux_duplicate($0.descriptor) } ?? -1
    }

    /// Gives the listener away and serves the connections that are open; -1: none.
    func giveListener() -> Int32 {
        guard let listener else { return -1 }
        endBlackhole()
        loop.unwatch(listener.descriptor)
        defer { forgetListener() }
        return listener.descriptor
    }
}
