import LinuxSystem
import NFTables

/// The table that leads packets to the queue: its sets are leased, its name is our tag.
struct Steering {
    private static let hold = "hold"

    let selection: HoldSelection
    let table: TableName
    private let interfaces: ExpiringSet
    private let peers4: ExpiringSet
    private let peers6: ExpiringSet

    init(_ selection: HoldSelection, table: TableName) {
        self.selection = selection
        self.table = table
        interfaces = ExpiringSet("interfaces", in: table, key: [.interface])
        var four = ExpiringSet("peers4", in: table, key: [.address4])
        var six = ExpiringSet("peers6", in: table, key: [.address6])
        four.holdsRanges = selection.peers.contains { !$0.isVersion6 && !$0.isSingle }
        six.holdsRanges = selection.peers.contains { $0.isVersion6 && !$0.isSingle }
        (peers4, peers6) = (four, six)
    }

    /// Leads packets to the queue.
    ///
    /// - Throws: `NFTablesError`, `SystemError`; nothing is led anywhere then.
    func install(queue: UInt16, lease: Duration) throws {
        let connection = try NFTablesConnection(in: selection.namespace)
        var batch = Batch()
        batch.add(table: table)
        for set in [interfaces, peers4, peers6] { batch.add(set: set) }
        batch.add(chain: Self.hold, in: table)
        try connection.apply(batch)
        do {
            try QueueRule.append(to: Self.hold, of: table, queue: queue, in: selection.namespace)
            var steering = Batch()
            let isIncoming = selection.direction == .incoming
            let chain = HookedChain(
                "steering",
                in: table,
                hook: isIncoming ? .prerouting : .postrouting
            )
            steering.add(chain: chain)
            for rule in rules { steering.add(rule: rule, to: chain) }
            fill(&steering, lease)
            try connection.apply(steering)
        } catch {
            try? remove()
            throw error
        }
    }

    /// Starts the lease anew.
    func renew(_ connection: NFTablesConnection, lease: Duration) throws(NFTablesError) {
        var batch = Batch()
        fill(&batch, lease)
        try connection.apply(batch)
    }

    /// Leads no further packets to the queue, and leaves those that wait in it alone.
    func close() throws {
        guard selection.namespace.exists else { return }
        let connection = try NFTablesConnection(in: selection.namespace)
        // Somebody may have taken the table away already.
        guard try connection.listing(table) != nil else { return }
        var batch = Batch()
        batch.replace(elementsOf: interfaces, with: [], timeout: .zero)
        try connection.apply(batch)
    }

    /// Deletes the table; one that is gone is fine.
    func remove() throws {
        guard selection.namespace.exists else { return }
        let connection = try NFTablesConnection(in: selection.namespace)
        guard try connection.listing(table) != nil else { return }
        var batch = Batch()
        batch.delete(table: table)
        try connection.apply(batch)
    }

    private func fill(_ batch: inout Batch, _ lease: Duration) {
        batch.replace(
            elementsOf: interfaces,
            with: [[.interface(selection.interface)]],
            timeout: lease
        )
        for (set, isVersion6) in [(peers4, false), (peers6, true)] {
            let peers = selection.peers.filter { $0.isVersion6 == isVersion6 }
            batch.replace(
                elementsOf: set,
                with: peers.map { [.range($0)] },
                timeout: lease
            )
        }
    }

    private var rules: [Rule] {
        let isIncoming = selection.direction == .incoming
        let place = isIncoming ? Rule.Match.cameBy(interfaces) : .goesBy(interfaces)
        let sets = selection.peers.isEmpty ? [] : [peers4, peers6]
        let whom: [[Rule.Match]] =
            sets.isEmpty ? [[]] : sets.map { [isIncoming ? .source(in: $0) : .target(in: $0)] }
        return spared
            + whom.flatMap { whom in
                what.map { Rule([place] + whom + $0, verdict: .jump(Self.hold)) }
            }
    }

    /// Neighbours, without whom nothing arrives at all, and the ports that are never hit.
    private var spared: [Rule] {
        var rules = [Rule([.neighbourDiscovery], verdict: .leave)]
        guard !selection.sparedPorts.isEmpty else { return rules }
        for match in Self.eitherEnd(selection.sparedPorts) {
            rules.append(Rule([.tcpOrUDP, match], verdict: .leave))
        }
        return rules
    }

    /// What a packet must be like: one list for each rule.
    private var what: [[Rule.Match]] {
        let transport: [Rule.Match] =
            switch selection.transport {
            case .tcp?: [.tcp]
            case .udp?: [.udp]
            case .icmp?: [.icmp]
            case nil: selection.ports.isEmpty ? [] : [.tcpOrUDP]
            }
        guard !selection.ports.isEmpty else { return [transport] }
        return Self.eitherEnd(selection.ports).map { transport + [$0] }
    }

    private static func eitherEnd(_ ports: [UInt16]) -> [Rule.Match] {
        [.targetPort(oneOf: ports), .sourcePort(oneOf: ports)]
    }
}
