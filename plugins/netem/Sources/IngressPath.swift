import Netlink

/// What enters the interface: redirected to an ifb interface of ours, at whose root netem stands.
struct IngressPath: Path {
    let site: Site
    let mark: Mark

    private var index: Int32 { site.interface.index }
    /// The number of our block of filters, which makes the hook ours.
    private var number: UInt32 { mark.block }

    func checkFree() throws {
        guard let hook = try hook() else { return }
        let name = site.interface.name
        throw NetemError(
            "packets that enter are handled by a discipline that is not ours — \(hook.kind)"
                + " \(hook.handle) on \(name). It is never replaced: use direction egress, or"
                + " remove it yourself (tc qdisc del dev \(name) \(hook.kind))."
        )
    }

    func install(_ netem: Netem, _ selection: Selection) throws {
        try site.socket.addLink(.ifb, name: mark.interfaceName)
        guard let block = try block() else {
            throw NetemError(
                "the interface \(mark.interfaceName) vanished — \(site.interface.name). Something"
                    + " else removes interfaces here: stop it and run again."
            )
        }
        try site.socket.addQdisc(
            .netem(netem),
            to: block.index,
            parent: .root,
            handle: Reserved.netem(mark)
        )
        try site.socket.addQdisc(
            .ingress(block: number),
            to: index,
            parent: .ingress,
            handle: .ingressMajor
        )
        try addFilters(
            site,
            at: .block(number),
            selection,
            .ingress,
            hit: .redirect(block.index)
        )
    }

    func discipline() throws -> Qdisc? {
        guard let block = try block() else { return nil }
        return try site.socket.qdiscs(of: block.index).first { Reserved.mark(of: $0) == mark }
    }

    func neutralise() throws {
        try removeHook()
        guard let block = try block(), try discipline() != nil else { return }
        var neutral = Netem()
        neutral.tag = mark.tag
        neutral.limit = Impairment.limitMax
        try site.socket.replaceQdisc(
            .netem(neutral),
            on: block.index,
            parent: .root,
            handle: Reserved.netem(mark)
        )
    }

    func remove() throws {
        try removeHook()
        guard let block = try block() else { return }
        try site.socket.deleteLink(block.index)
    }

    /// Removes the hook if its block of filters has our number.
    private func removeHook() throws {
        guard let hook = try hook(), hook.kind == "ingress", hook.block == number else { return }
        try site.socket.deleteQdisc(on: index, parent: .ingress, handle: .ingressMajor)
    }

    /// Our ifb interface.
    private func block() throws -> Link? {
        try site.socket.links().first { $0.name == mark.interfaceName && $0.kind == "ifb" }
    }

    private func hook() throws -> Qdisc? {
        try site.socket.qdiscs(of: index).first { $0.parent == .ingress }
    }
}
