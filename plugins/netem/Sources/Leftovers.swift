import ChaosPluginAPI
import EventLoop
import LinuxSystem
import NFTables
import Netlink

/// What of ours is in the kernel, found by its marks in every network namespace.
enum Leftovers {
    /// How long an injection may be between its first discipline and the second, with the mark.
    private static let betweenDisciplines = Duration.milliseconds(20)

    /// Looks everywhere; changes nothing.
    ///
    /// What has no mark yet is looked at twice: an injection under way gives it one at once.
    ///
    /// - Throws: `NetlinkError`.
    static func find() async throws -> [Leftover] {
        let found = try findOnce()
        guard found.contains(where: \.isUnmarked) else { return found }
        try await Loop.current?.sleep(for: betweenDisciplines)
        let again = try findOnce()
        return again.filter { !$0.isUnmarked || found.contains($0) }
    }

    private static func findOnce() throws -> [Leftover] {
        var found: [Leftover] = []
        for namespace in OpenNamespace.all() {
            // One that vanishes meanwhile takes its faults with it.
            guard let socket = try? RouteSocket.open(in: namespace) else { continue }
            found += queued(in: namespace, socket)
            found += try find(in: namespace, socket).map { record in
                // The mark has no room for the run; the process that made it stands for it.
                Leftover(
                    runID: "of process \(record.mark.pid)",
                    owner: record.mark.pid,
                    isOwnerAlive: record.mark.isOwnerAlive,
                    undo: record.undo(function: "impair")
                )
            }
        }
        return found
    }

    /// The tables that lead packets to a process of ours; the process ends with its table.
    private static func queued(in namespace: OpenNamespace, _ socket: RouteSocket) -> [Leftover] {
        // Where we may not look we could not have placed anything either.
        guard let place = NetworkNamespace(opened: namespace),
            let owned = try? NFTablesConnection(in: place).ownedTables()
        else { return [] }
        return owned.compactMap { tag, table in
            guard let mark = QueuedPackets.mark(of: tag),
                // Any interface stands for the namespace: the table says which one it hits.
                let link = (try? socket.links())?.first
            else { return nil }
            let site = site(link, namespace, socket, place)
            var record = FaultRecord(site: SiteRecord(site), mark: mark, directions: [])
            record.tables = [table]
            return Leftover(
                runID: tag.run,
                owner: tag.pid,
                isOwnerAlive: tag.isOwnerAlive,
                undo: record.undo(function: "impair")
            )
        }
    }

    private static func site(
        _ link: Link,
        _ namespace: OpenNamespace,
        _ socket: RouteSocket,
        _ place: NetworkNamespace = .current
    ) -> Site {
        Site(
            interface: link,
            namespace: namespace.name == OpenNamespace.own ? nil : namespace.name,
            identity: namespace.identity,
            socket: socket,
            place: place
        )
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
            } else if own.contains(where: Reserved.isBarePrio),
                own.allSatisfy({ $0.parent.major != Reserved.prio.major })
            {
                marks.append((.none, .egress))
            }
            if let mark = blocks.first(where: { $0.block == hook?.block }) {
                marks.append((mark, .ingress))
            }
            // An ifb that no hook leads to: an injection or an undo stopped half-way.
            if let mark = mark(of: link), !hooked.contains(mark.block) {
                marks.append((mark, .ingress))
            }
            return marks.map { mark, direction in
                let site = site(link, namespace, socket)
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

extension Leftover {
    /// A discipline of ours that an injection which stopped half-way left without its mark.
    fileprivate var isUnmarked: Bool { owner == Mark.none.pid }
}
