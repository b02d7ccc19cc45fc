import ChaosModel
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import NFTables

/// A cut between hosts; what tells the functions apart is only how the cut is described.
struct PartitionFault: Fault {
    /// What a lease may last beyond the fault's own time.
    static let margin = Duration.seconds(5)
    /// The lease of a fault whose time is not known.
    static let leaseDefault = Duration.seconds(600)

    let function: PartitionPlugin.Function
    let heartbeat: Duration

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let (cut, target) = try describe(context)
        let place = try CutPlace(cut.namespace, cut.families, function, context)
        guard cut.namespace.exists else {
            throw PartitionError(
                "there is no such namespace — \(cut.namespace). See those that are: ip netns list."
            )
        }
        // What nobody may read cannot be changed either; and the name must be free.
        guard try place.listings().isEmpty else {
            throw PartitionError(
                "this fault is in effect already — \(target). Undo it first: chaos recover."
            )
        }
        let lease = (context.lease ?? Self.leaseDefault) + Self.margin
        var state = cut.json
        state["until_us"] = .integer(Loop.wallMicroseconds() + Int64(lease.milliseconds * 1_000))
        return place.undo(target: target, state: state)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let (cut, place) = (try Cut(undo), try CutPlace(undo))
        var batch = Batch()
        for sketch in try cut.sketches(place) { sketch.build(into: &batch, lease: lease(undo)) }
        try NFTablesConnection(in: place.namespace).apply(batch)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let (cut, place) = (try Cut(undo), try CutPlace(undo))
        let connection = try NFTablesConnection(in: place.namespace)
        if let lease = lease(undo) {
            var batch = Batch()
            for sketch in try cut.sketches(place) { sketch.renew(into: &batch, lease: lease) }
            try connection.apply(batch)
        }
        var effect = Effect(
            hits: 0,
            unit: cut.verdict == .reset ? "packets rejected" : "packets dropped"
        )
        for table in place.tables {
            guard let listing = try connection.listing(table) else { throw vanished(undo) }
            for chain in Set(listing.rules.map(\.chain)).sorted() {
                let packets = listing.packets(inChain: chain)
                effect.hits += packets
                effect.detail[chain] = .integer(Int64(packets))
            }
        }
        return effect
    }

    func revert(_ undo: UndoRecord) async throws {
        try CutPlace(undo).clear()
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        guard let table = try CutPlace(undo).listings().first?.table else { return }
        throw PartitionError(
            "packets may still be lost — \(undo.target): the table \(table) is still there. Delete"
                + " it: nft delete table \(table)."
        )
    }

    /// Which packets are hit, and whom that is, in words.
    func describe(_ context: StepContext) throws -> (Cut, target: String) {
        let filter = try PacketFilter(context.arguments)
        switch function {
        case .link: return try Cut.link(context, filter)
        case .isolate: return try Cut.isolating(context, filter)
        case .groups: return try Cut.groups(context, filter)
        case .host: return try Cut.host(context, filter)
        }
    }

    /// What the lease may be now; `nil` when the fault's time is over.
    private func lease(_ undo: UndoRecord) -> Duration? {
        let until = undo.state["until_us"]?.integerValue ?? 0
        let left = Duration.microseconds(until - Loop.wallMicroseconds())
        return left > .zero ? min(heartbeat, left) : nil
    }

    private func vanished(_ undo: UndoRecord) -> PartitionError {
        PartitionError(
            "our table is gone — \(undo.target). Somebody flushed the rules (nft flush ruleset)"
                + " while the fault was in effect; run again undisturbed."
        )
    }
}
