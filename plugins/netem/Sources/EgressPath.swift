import Netlink

/// What leaves the interface: a prio discipline at its root whose fourth band is netem.
struct EgressPath: Path {
    let site: Site
    let mark: Mark

    private var index: Int32 { site.interface.index }
    private var place: FilterPlace { .qdisc(index, Reserved.prio) }

    func checkFree() throws {
        guard let root = try root(), root.handle != .none else { return }
        let name = site.interface.name
        if root.handle == Reserved.prio, root.kind == "prio" {
            throw NetemError(
                "another fault of chaos is on the interface already — \(name). Let it end first, or"
                    + " use one impair with everything; after a crash: chaos recover."
            )
        }
        throw NetemError(
            "the interface has a discipline that is not ours — \(root.kind) \(root.handle) on"
                + " \(name). It is never replaced: remove it yourself (tc qdisc del dev \(name)"
                + " root), or hit another interface."
        )
    }

    func install(_ netem: Netem, _ selection: Selection) throws {
        let form = QdiscForm.prio(bands: Int32(Reserved.hitBand), map: QdiscForm.usualMap)
        try site.socket.addQdisc(form, to: index, parent: .root, handle: Reserved.prio)
        try site.socket.addQdisc(
            .netem(netem),
            to: index,
            parent: Reserved.prio.child(Reserved.hitBand),
            handle: Reserved.netem(mark)
        )
        let hit = FilterAction.classify(Reserved.prio.child(Reserved.hitBand))
        try addFilters(site, at: place, selection, .egress, hit: hit)
    }

    func discipline() throws -> Qdisc? {
        try site.socket.qdiscs(of: index).first { Reserved.mark(of: $0) == mark }
    }

    func neutralise() throws {
        guard try discipline() != nil else { return }
        var neutral = Netem()
        neutral.tag = mark.tag
        neutral.limit = Impairment.limitMax
        try site.socket.replaceQdisc(
            .netem(neutral),
            on: index,
            parent: Reserved.prio.child(Reserved.hitBand),
            handle: Reserved.netem(mark)
        )
        try site.socket.deleteFilters(at: place)
    }

    func remove() throws {
        guard let root = try root(), root.handle == Reserved.prio, root.kind == "prio" else {
            return
        }
        let below = try site.socket.qdiscs(of: index)
            .first { $0.parent == Reserved.prio.child(Reserved.hitBand) }
        // Without netem below it, an injection stopped half-way: only ours builds c4a5: with netem.
        if let below, below.kind == "netem", Reserved.mark(of: below) != mark { return }
        try site.socket.deleteQdisc(on: index, parent: .root, handle: Reserved.prio)
    }

    private func root() throws -> Qdisc? {
        try site.socket.qdiscs(of: index).first { $0.parent == .root }
    }
}
