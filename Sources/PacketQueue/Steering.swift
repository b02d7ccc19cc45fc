import LinuxSystem
import NFTables

/// The table that leads packets to the queue: its sets are leased, its name is our tag.
struct Steering {
    private static let hold = "hold"
    private static let ssh: [UInt16] = [22]

    let selection: HoldSelection
    let table: TableName
    private let interfaces: ExpiringSet
    private let peers4: ExpiringSet
    private let peers6: ExpiringSet

    init(_ selection: HoldSelection, table: TableName) {
        self.selection = selection
        self.table = table
        interfaces = ExpiringSet("interfaces", in: table, key: [.interface])
        peers4 = ExpiringSet("peers4", in: table, key: [.address4])
        peers6 = ExpiringSet("peers6", in: table, key: [.address6])
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
                with: peers.map { [.address($0)] },
                timeout: lease
            )
        }
    }

    private var rules: [Rule] {
        let isIncoming = selection.direction == .incoming
        let place = isIncoming ? Rule.Match.cameBy(interfaces) : .goesBy(interfaces)
        let spared = [
            Rule([.tcp, .targetPort(oneOf: Self.ssh)], verdict: .leave),
            Rule([.tcp, .sourcePort(oneOf: Self.ssh)], verdict: .leave),
        ]
        let sets = selection.peers.isEmpty ? [] : [peers4, peers6]
        let whom: [[Rule.Match]] =
            sets.isEmpty ? [[]] : sets.map { [isIncoming ? .source(in: $0) : .target(in: $0)] }
        let what: [[Rule.Match]] =
            selection.ports.isEmpty
            ? [[]]
            : [
                [.tcpOrUDP, .targetPort(oneOf: selection.ports)],
                [.tcpOrUDP, .sourcePort(oneOf: selection.ports)],
            ]
        return spared
            + whom.flatMap { whom in
                what.map { Rule([place] + whom + $0, verdict: .jump(Self.hold)) }
            }
    }
}
