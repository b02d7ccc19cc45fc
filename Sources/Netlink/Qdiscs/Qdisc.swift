internal import CNetlink

/// A queueing discipline as the kernel tells it.
package struct Qdisc: Sendable, Hashable {
    /// The index of its interface.
    package var interface: Int32
    package var handle: TrafficHandle
    package var parent: TrafficHandle
    /// `netem`, `prio`, `fq_codel`, `noqueue`.
    package var kind: String
    /// Its options, as the kernel encodes them.
    package var options: [UInt8]
    /// The block of filters of an ingress hook; 0: none of its own.
    package var block: UInt32
    package var statistics: QdiscStatistics

    /// `nil` when the reply is no discipline.
    init?(_ payload: ArraySlice<UInt8>) {
        guard let interface = payload.number(Int32.self, at: 4),
            let handle = payload.number(UInt32.self, at: 8),
            let parent = payload.number(UInt32.self, at: 12)
        else { return nil }
        let attributes = Attributes(payload.dropFirst(MemoryLayout<tcmsg>.size))
        guard let kind = attributes.text(TCA_KIND) else { return nil }
        self.interface = interface
        self.handle = TrafficHandle(rawValue: handle)
        self.parent = TrafficHandle(rawValue: parent)
        self.kind = kind
        options = attributes[TCA_OPTIONS].map { Array($0) } ?? []
        block = attributes.number(Int(TCA_INGRESS_BLOCK), as: UInt32.self) ?? 0
        statistics = QdiscStatistics(attributes.nest(TCA_STATS2))
    }
}

/// What a discipline has counted since it was made.
package struct QdiscStatistics: Sendable, Hashable {
    /// Packets that left it.
    package var packets: UInt64 = 0
    package var bytes: UInt64 = 0
    /// Packets that it threw away.
    package var drops: UInt64 = 0
    package var overlimits: UInt64 = 0
    /// netem counts here the packets that it let overtake.
    package var requeues: UInt64 = 0
    /// Packets that it holds now.
    package var held: Int = 0

    package init() {}

    init(_ nest: Attributes?) {
        guard let nest else { return }
        let basic = nest[Int(TCA_STATS_BASIC)]
        bytes = basic?.number(UInt64.self, at: 0) ?? 0
        packets = UInt64(basic?.number(UInt32.self, at: 8) ?? 0)
        if let wide = nest.number(Int(TCA_STATS_PKT64), as: UInt64.self) { packets = wide }
        guard let queue = nest[Int(TCA_STATS_QUEUE)] else { return }
        held = Int(queue.number(UInt32.self, at: 0) ?? 0)
        drops = UInt64(queue.number(UInt32.self, at: 8) ?? 0)
        requeues = UInt64(queue.number(UInt32.self, at: 12) ?? 0)
        overlimits = UInt64(queue.number(UInt32.self, at: 16) ?? 0)
    }
}

/// A discipline that can be made, with its settings.
package enum QdiscForm: Sendable {
    case netem(Netem)
    /// Bands in the order of their priority; the map says which band takes packets of each of the
    /// 16 priorities.
    case prio(bands: Int32, map: [UInt8])
    /// A token bucket: bytes per second, the largest burst and queue in bytes.
    case tbf(bytesPerSecond: UInt32, burst: UInt32, limit: UInt32)
    /// A queue of so many packets.
    case pfifo(limit: UInt32)
    /// The hook for what enters an interface; its filters live in a block with a number of the
    /// caller's choice.
    case ingress(block: UInt32)

    /// The kernel's word.
    package var kind: String {
        switch self {
        case .netem: "netem"
        case .prio: "prio"
        case .tbf: "tbf"
        case .pfifo: "pfifo"
        case .ingress: "ingress"
        }
    }

    /// The options of a prio as the kernel encodes them; none of others.
    package var prioOptions: [UInt8] {
        // struct tc_prio_qopt { int bands; __u8 priomap[16]; }
        guard case .prio(let bands, let map) = self else { return [] }
        precondition(map.count == 16, "there are 16 priorities, not \(map.count)")
        return (0..<4).map { UInt8(truncatingIfNeeded: bands >> (8 * $0)) } + map
    }

    /// How pfifo_fast and prio treat the 16 priorities by default: bands 0, 1 and 2.
    package static let usualMap: [UInt8] = [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
}
