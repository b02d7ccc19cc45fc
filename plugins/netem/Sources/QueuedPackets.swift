import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import NFTables
import Netlink
import PacketQueue
import Synchronization

/// A fault by the backend nfqueue: one table and one process of ours for each direction.
///
/// The process ends with the runner, whose pipe it reads; with it gone the rule lets packets pass,
/// and what leads them to the rule expires in the kernel.
struct QueuedPackets {
    let record: FaultRecord
    let site: Site

    /// How long a process whose runner is gone may take to let go of what it holds.
    private static let farewell = Duration.milliseconds(300)
    private static let poll = Duration.milliseconds(10)
    private static let word = "netem"

    /// Those that this process started, by their tables; ended by `end`.
    private static let holds = Mutex<[String: PacketHold]>([:])

    init(_ record: FaultRecord, _ site: Site) {
        self.record = record
        self.site = site
    }

    /// A table for each direction.
    ///
    /// - Throws: `NetemError` when the run's name would not do.
    static func tables(_ record: FaultRecord, run: String) throws -> [TableName] {
        try record.directions.map { direction in
            let fault = "\(word)-\(record.mark.text)-\(direction.rawValue)"
            guard let tag = OwnershipTag(run: run, fault: fault) else {
                throw NetemError(
                    "the run's name does not do as the name of a table — \(run). Use letters,"
                        + " digits and hyphens."
                )
            }
            return PacketHold.table(tag)
        }
    }

    /// The mark in the tag of a table of this plugin; `nil` for others.
    static func mark(of tag: OwnershipTag) -> Mark? {
        let parts = tag.fault.split(separator: "-")
        guard parts.count == 3, parts[0] == word else { return nil }
        return Mark(text: parts[1])
    }

    /// - Throws: `NetemError` when a process cannot do it.
    static func check(_ netem: Netem, _ selection: Selection) throws {
        for (what, isAsked) in [
            ("limit a rate", netem.rate > 0), ("form slots", netem.slot != nil),
        ]
        where isAsked {
            throw NetemError(
                "the backend nfqueue cannot \(what) — arguments. Use a kernel with netem (module"
                    + " sch_netem), or the toxic bandwidth on a link of the proxy."
            )
        }
        guard netem.duplicate == 0 || !selection.peers.contains(where: \.isIPv6) else {
            throw NetemError(
                "the backend nfqueue doubles IPv4 packets only — peers. Leave out the IPv6"
                    + " addresses, or use a kernel with netem (module sch_netem)."
            )
        }
    }

    /// Starts to hold packets; what was started stays when a later direction fails, for `end`.
    func start(_ netem: Netem, _ selection: Selection) async throws {
        for (direction, table) in zip(record.directions, record.tables) {
            guard let tag = OwnershipTag(tableName: table.name) else { continue }
            var chosen = HoldSelection(namespace: site.place, interface: site.interface.name)
            chosen.direction = direction == .egress ? .outgoing : .incoming
            chosen.peers = selection.peers.compactMap { NetworkRange($0.description) }
            chosen.ports = selection.ports
            chosen.sparedPorts = selection.sparedPorts
            chosen.transport = selection.transport.map(HoldSelection.Transport.init)
            let hold = try await PacketHold.start(
                chosen,
                PacketQueue.Impairment(netem, direction),
                tag: tag
            )
            Self.holds.withLock { $0[table.name] = hold }
        }
    }

    /// What the processes have counted.
    ///
    /// - Throws: `NetemError` or `PacketQueueError` when one is gone.
    func effect(_ netem: Netem, unit: String) async throws -> Effect {
        var all = QueuedCounts()
        for table in record.tables {
            guard let hold = Self.holds.withLock({ $0[table.name] }) else {
                throw NetemError(
                    "the process that holds packets is not ours — \(site.interface.name). Only the"
                        + " run that started it can ask it."
                )
            }
            all.add(try await hold.counts())
        }
        return all.effect(netem, unit: unit)
    }

    /// Lets packets pass; those that are held go on at once.
    func end() async throws {
        for table in record.tables {
            if let hold = Self.holds.withLock({ $0.removeValue(forKey: table.name) }) {
                try? await hold.end()
            } else {
                try await waitForFarewell(table)
            }
            try PacketHold.clear(table, in: site.place)
        }
    }

    /// A process whose runner is gone lets go by itself: what it holds is not lost then.
    private func waitForFarewell(_ table: TableName) async throws {
        guard let loop = Loop.current else { preconditionFailure("an undo runs on a loop") }
        guard let tag = OwnershipTag(tableName: table.name), !tag.isOwnerAlive else { return }
        let end = Loop.monotonicNanoseconds() + Self.farewell.nanosecondsClamped
        while !PacketHold.processes(of: table).isEmpty, Loop.monotonicNanoseconds() < end {
            try await loop.sleep(for: Self.poll)
        }
    }

    /// - Throws: `NetemError` when something is left.
    func confirmEnded() throws {
        for table in record.tables {
            if site.place.exists, try NFTablesConnection(in: site.place).listing(table) != nil {
                throw NetemError(
                    "packets may still be held — the table \(table) in \(site.place) is still"
                        + " there. Delete it: nft delete table \(table)."
                )
            }
            if let process = PacketHold.processes(of: table).first {
                throw NetemError(
                    "the process that held packets still runs — \(process.pid). Kill it: kill -9"
                        + " \(process.pid)"
                )
            }
        }
    }
}

extension HoldSelection.Transport {
    fileprivate init(_ transport: PacketMatch.Transport) {
        switch transport {
        case .tcp: self = .tcp
        case .udp: self = .udp
        case .icmp, .icmpv6: self = .icmp
        }
    }
}
