import Netlink

/// How packets of one direction are led through a netem discipline of ours.
protocol Path {
    /// Refuses when something stands there that is not the kernel's own default; changes nothing.
    ///
    /// - Throws: `NetemError`, `NetlinkError`.
    func checkFree() throws
    /// Builds the path; the filters, with which the fault begins, come last.
    ///
    /// - Throws: `NetlinkError`; what was built so far stays, for `remove`.
    func install(_ netem: Netem, _ selection: Selection) throws
    /// The netem discipline with what it has counted; `nil` when it is not there.
    ///
    /// - Throws: `NetlinkError`.
    func discipline() throws -> Qdisc?
    /// Ends the fault at once: what comes now passes untouched, what is held leaves in its time.
    ///
    /// - Throws: `NetlinkError`.
    func neutralise() throws
    /// Removes what carries our mark, and nothing else; harmless when nothing does.
    ///
    /// - Throws: `NetlinkError`.
    func remove() throws
}

/// Names that we reserve.
enum Reserved {
    /// The handle of our prio discipline: `c4a5:`.
    static let prio = TrafficHandle(major: 0xc4a5)
    /// The band of the packets that are hit: the fourth, which no priority leads to.
    static let hitBand: UInt16 = 4
    /// The class of what is spared: where ordinary traffic goes.
    static let sparedBand: UInt16 = 2
    /// The handle of a netem discipline: `c5NN:`.
    static func netem(_ mark: Mark) -> TrafficHandle {
        TrafficHandle(major: 0xc500 | UInt16(mark.number))
    }

    /// The mark of a netem discipline of ours; `nil` of any other.
    static func mark(of qdisc: Qdisc) -> Mark? {
        guard qdisc.handle.major >> 8 == 0xc5, let tag = Netem.tag(in: qdisc), tag != 0 else {
            return nil
        }
        return Mark(tag: tag, number: UInt8(truncatingIfNeeded: qdisc.handle.major))
    }

    /// Whether it is a prio discipline as only an injection of ours makes it.
    ///
    /// Handle, bands and map tell so. What tells whose it is hangs below it, once it is there.
    static func isBarePrio(_ qdisc: Qdisc) -> Bool {
        let form = QdiscForm.prio(bands: Int32(hitBand), map: QdiscForm.usualMap)
        return qdisc.parent == .root && qdisc.handle == prio && qdisc.kind == form.kind
            && qdisc.options == form.prioOptions
    }

    /// The priorities of our filters, one for each network protocol.
    static func priority(_ network: PacketMatch.Network, isSpare: Bool) -> UInt16 {
        (isSpare ? 1 : 3) + (network == .ipv4 ? 0 : 1)
    }
}

extension Path {
    /// Hangs the filters of a selection: what is spared first.
    func addFilters(
        _ site: Site,
        at place: FilterPlace,
        _ selection: Selection,
        _ direction: Selection.Direction,
        hit action: FilterAction
    ) throws {
        for (matches, action, isSpare) in [
            (selection.spares(), .classify(Reserved.prio.child(Reserved.sparedBand)), true),
            (selection.hits(direction), action, false),
        ] {
            for match in matches {
                try site.socket.addFilter(
                    match,
                    action,
                    at: place,
                    priority: Reserved.priority(match.network, isSpare: isSpare)
                )
            }
        }
    }
}
