import LinuxSystem
import Netlink

/// Whether this kernel can do it: tried in a network namespace that vanishes at once.
package enum NetemSupport {
    /// Tries the parts that a direction needs.
    ///
    /// - Throws: `NetemError` that names what is missing and what to do.
    static func check(_ directions: [Selection.Direction]) throws {
        do {
            let socket = try RouteSocket.open(in: try OpenNamespace.fresh())
            try socket.addLink(.ifb, name: "try0")
            let index = try socket.links().first { $0.name == "try0" }?.index ?? 0
            if directions.contains(.egress) { try tryEgress(socket, index) }
            if directions.contains(.ingress) { try tryIngress(socket, index) }
        } catch let error as NetlinkError where error.code == .unsupported {
            throw NetemError(
                "this kernel cannot impair packets — \(error.deed): \(error.reason). Load the"
                    + " modules sch_netem, sch_prio, cls_flower, cls_u32, act_mirred and ifb"
                    + " (modprobe), or use a kernel that has them."
            )
        }
    }

    /// What is missing for packets that leave and that enter; empty when everything works.
    package static func complaint() -> String {
        do {
            try check(Selection.Direction.allCases)
            return ""
        } catch {
            return "\(error)"
        }
    }

    private static func tryEgress(_ socket: RouteSocket, _ index: Int32) throws {
        let form = QdiscForm.prio(bands: Int32(Reserved.hitBand), map: QdiscForm.usualMap)
        try socket.addQdisc(form, to: index, parent: .root, handle: Reserved.prio)
        let band = Reserved.prio.child(Reserved.hitBand)
        let handle = TrafficHandle(major: 0xc500)
        try socket.addQdisc(.netem(Netem()), to: index, parent: band, handle: handle)
        try tryFilters(socket, .qdisc(index, Reserved.prio), .classify(band))
    }

    private static func tryIngress(_ socket: RouteSocket, _ index: Int32) throws {
        try socket.addLink(.ifb, name: "try1")
        let block = try socket.links().first { $0.name == "try1" }?.index ?? 0
        let handle = TrafficHandle(major: 0xc500)
        try socket.addQdisc(.netem(Netem()), to: block, parent: .root, handle: handle)
        try socket.addQdisc(
            .ingress(block: 1),
            to: index,
            parent: .ingress,
            handle: .ingressMajor
        )
        try tryFilters(socket, .block(1), .redirect(block))
    }

    private static func tryFilters(
        _ socket: RouteSocket,
        _ place: FilterPlace,
        _ action: FilterAction
    ) throws {
        var match = PacketMatch(.ipv4)
        try socket.addFilter(match, action, at: place, priority: 1)
        match.transport = .tcp
        match.destinationPort = 1
        try socket.addFilter(match, action, at: place, priority: 2)
    }
}
