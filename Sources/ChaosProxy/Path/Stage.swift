/// How the bytes of a direction end.
enum Ending: Sendable, Equatable {
    /// They go on.
    case open
    /// The source sent FIN: the target gets one after the last byte, the other direction lives on.
    case fin
    /// After the last byte both sides are closed.
    case close
    /// After the last byte the client is reset and the server closed politely.
    case breakClient
}

/// One toxic at work on one direction of one connection: a queue in front of a state machine.
///
/// A class with one subclass per machine, so that a chain of different stages costs one virtual
/// call per decision and no existential.
class Stage {
    let toxic: String
    let tally: ToxicTally
    /// What the toxic did to this direction of this connection.
    final private(set) var hits = 0
    /// Told once, when the toxic hits this connection for the first time.
    final var onFirstHit: (() -> Void)?
    /// Which chunks the toxic works on; `nil`: all.
    final var selection: ChunkSelection? { didSet { headIsSelected = nil } }
    private final var headIsSelected: Bool?
    /// What waits for a decision.
    final var queue = ChunkQueue()
    /// How the bytes that arrive here end.
    final var ending: Ending = .open
    /// The end was passed on; nothing is decided here any more.
    final var hasEnded = false

    init(toxic: Toxic) {
        self.toxic = toxic.name
        tally = toxic.tally
    }

    /// What stands at the head.
    final var item: StageItem {
        if let chunk = queue.firstItem { return chunk }
        return ending == .open ? .nothing : .end
    }

    /// What to do now: asks the machine, unless the chunk at the head is none of the toxic's.
    final func step(now: Int64) -> StageStep {
        let item = item
        guard let selection, case .chunk(let byteCount, _) = item else {
            return decide(item, now: now)
        }
        let isSelected =
            headIsSelected
            ?? selection.occurrence.hits(ordinal: tally.nextOccurrence(), seed: selection.seed)
        headIsSelected = isSelected
        return isSelected ? decide(item, now: now) : .pass(byteCount: byteCount)
    }

    /// Another chunk is at the head.
    final func headChanged() { headIsSelected = nil }

    /// Counts what the toxic did.
    final func countHits(_ count: Int) {
        tally.addHits(count)
        hits += count
        guard let onFirstHit else { return }
        self.onFirstHit = nil
        onFirstHit()
    }

    /// Asks the machine.
    func decide(_ item: StageItem, now: Int64) -> StageStep {
        preconditionFailure("a stage without a machine")
    }

    /// New attributes on an open connection.
    func update(attributes: ToxicAttributes, now: Int64) {
        preconditionFailure("a stage without a machine")
    }

    /// Whether removing the toxic closes the connection.
    var closesOnRemoval: Bool { false }
}

/// The stage of one kind of machine.
final class MachineStage<Machine: ToxicMachine>: Stage {
    private var machine: Machine

    init(toxic: Toxic, random: SeedStream, now: Int64) {
        machine = Machine(attributes: toxic.attributes, random: random, now: now)
        super.init(toxic: toxic)
    }

    override func decide(_ item: StageItem, now: Int64) -> StageStep {
        var hits = 0
        let step = machine.next(item, now: now, hits: &hits)
        if hits > 0 { countHits(hits) }
        return step
    }

    override func update(attributes: ToxicAttributes, now: Int64) {
        machine.update(attributes: attributes, now: now)
    }

    override var closesOnRemoval: Bool { Machine.closesOnRemoval }
}
