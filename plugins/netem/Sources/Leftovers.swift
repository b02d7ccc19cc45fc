import ChaosPluginAPI
import EventLoop
import LinuxSystem
import Netlink

/// What of ours is in the kernel, found by its marks in every network namespace.
enum Leftovers {
    /// Looks everywhere; changes nothing.
    ///
    /// - Throws: `NetlinkError`.
    static func find() throws -> [Leftover] {
        var found: [Leftover] = []
        for namespace in OpenNamespace.all() {
            // One that vanishes meanwhile takes its faults with it.
            guard let socket = try? RouteSocket.open(in: namespace) else { continue }
            found += try find(in: namespace, socket).map { record in
                // The mark has no room for the run; the process that made it stands for it.
                Leftover(
                    runID: "of process \(record.mark.pid)",
                    isOwnerAlive: record.mark.isOwnerAlive,
                    undo: record.undo(function: "impair")
                )
            }
        }
        return found
    }

    private static func find(
        in namespace: OpenNamespace,
        _ socket: RouteSocket
    ) throws -> [FaultRecord] {
        let links = try socket.links()
        let qdiscs = try socket.qdiscs(of: nil)
        let blocks = links.compactMap { mark(of: $0) }
        let hooked = Set(qdiscs.filter { $0.parent == .ingress }.map(\.block))
        return links.flatMap { link -> [FaultRecord] in
            let own = qdiscs.filter { $0.interface == link.index }
            let hook = own.first { $0.parent == .ingress && $0.kind == "ingress" }
            var marks: [(Mark, Selection.Direction)] = []
            if let mark = own.lazy.filter({ $0.parent.major == Reserved.prio.major })
                .compactMap(Reserved.mark).first
            {
                marks.append((mark, .egress))
            }
            if let mark = blocks.first(where: { $0.block == hook?.block }) {
                marks.append((mark, .ingress))
            }
            // An ifb that no hook leads to: an injection or an undo stopped half-way.
            if let mark = mark(of: link), !hooked.contains(mark.block) {
                marks.append((mark, .ingress))
            }
            return marks.map { mark, direction in
                let site = Site(
                    interface: link,
                    namespace: namespace.name == OpenNamespace.own ? nil : namespace.name,
                    identity: namespace.identity,
                    socket: socket
                )
                return FaultRecord(
                    site: SiteRecord(site),
                    mark: mark,
                    directions: [direction],
                    before: nil
                )
            }
        }
    }

    /// The mark of an ifb interface of ours.
    private static func mark(of link: Link) -> Mark? {
        guard link.kind == "ifb", link.name.hasPrefix(Mark.interfacePrefix) else { return nil }
        return Mark(text: link.name.dropFirst(Mark.interfacePrefix.count))
    }
}
