/// The stages of one direction in order, with the outbox behind the last.
///
/// Pure queueing: it moves chunks by the stages' decisions and says when it must be asked again; it
/// knows no socket, no clock and no connection.
struct StageChain: ~Copyable {
    /// Bytes that one direction of one connection may hold; more are not read (backpressure).
    static let bytesInFlightMax = 4 << 20
    /// Chunks that one direction of one connection may hold; Toxiproxy's figure is 1,024 too.
    static let chunksInFlightMax = 1_024

    private(set) var stages: [Stage] = []
    /// Measures how long the stages hold what passes.
    var meter: LatencyMeter?
    /// What is ready for the target's socket.
    var outbox = ChunkQueue()
    /// How the bytes behind the outbox end; acted on when the outbox is empty.
    private(set) var ending: Ending = .open
    private var sourceHasEnded = false
    private var acceptsInput = true

    /// What `advance` found.
    enum Outcome: Equatable {
        /// Ask again at this time, monotonic nanoseconds; `Int64.max`: when something arrives.
        case wait(until: Int64)
        /// A stage breaks the connection at once.
        case reset
    }

    var isEmpty: Bool { stages.isEmpty }

    /// Where the stage of a toxic stands.
    func index(of toxic: String) -> Int? { stages.firstIndex { $0.toxic == toxic } }

    /// Whether nothing is held, neither by a stage nor in the outbox.
    var isDrained: Bool { outbox.isEmpty && stages.allSatisfy { $0.queue.isEmpty } }

    /// Whether more bytes may be read from the source: nothing has ended and there is room.
    var hasRoom: Bool {
        guard acceptsInput else { return false }
        var bytes = outbox.byteCount
        var chunks = outbox.chunkCount
        for stage in stages {
            bytes += stage.queue.byteCount
            chunks += stage.queue.chunkCount
        }
        return bytes < StageChain.bytesInFlightMax && chunks < StageChain.chunksInFlightMax
    }

    /// Bytes arrive from the source.
    mutating func append(copying bytes: UnsafeRawBufferPointer, receivedAt: Int64) {
        guard let first = stages.first else {
            unsafe outbox.append(copying: bytes, receivedAt: receivedAt)
            return
        }
        unsafe first.queue.append(copying: bytes, receivedAt: receivedAt)
    }

    /// The source ended.
    mutating func end(_ ending: Ending) {
        sourceHasEnded = true
        setEnding(ending, at: 0)
    }

    /// Lets every stage decide until each waits.
    mutating func advance(now: Int64) -> Outcome {
        var due = Int64.max
        for index in stages.indices where !stages[index].hasEnded {
            let stage = stages[index]
            deciding: while true {
                switch stage.step(now: now) {
                case .pass(let byteCount): pass(byteCount, from: index, now: now)
                case .drop:
                    stage.queue.dropFirst()
                    stage.headChanged()
                case .flip(let bits, let seed):
                    stage.queue.flipFirst(bits: bits, seed: seed)
                    if case .chunk(let byteCount, _) = stage.item {
                        pass(byteCount, from: index, now: now)
                    }
                case .passEnd:
                    finish(stage, with: stage.ending, at: index)
                    break deciding
                case .close:
                    finish(stage, with: .close, at: index)
                    break deciding
                case .reset: return .reset
                case .wait(let until):
                    due = min(due, until)
                    break deciding
                }
            }
        }
        return .wait(until: due)
    }

    /// Puts a stage in front of the one that is now at `index`; what is behind it stays there.
    mutating func insert(_ stage: Stage, at index: Int) {
        // Where the end of the stream has already passed, nothing will ever arrive.
        stage.hasEnded = index > 0 ? stages[index - 1].hasEnded : sourceHasEnded
        stages.insert(stage, at: index)
    }

    /// Takes a stage out; what it held goes on in order.
    mutating func remove(at index: Int) {
        let stage = stages.remove(at: index)
        if index < stages.count {
            stage.queue.moveAll(to: &stages[index].queue)
        } else {
            stage.queue.moveAll(to: &outbox)
        }
        guard !stage.hasEnded else { return }
        if stage.closesOnRemoval {
            setEnding(.close, at: index)
        } else if stage.ending != .open {
            setEnding(stage.ending, at: index)
        }
    }

    /// Changes a stage's attributes; the chunk at its head was waiting and goes on at once.
    mutating func update(
        at index: Int,
        attributes: ToxicAttributes,
        selection: ChunkSelection? = nil,
        now: Int64
    ) {
        let stage = stages[index]
        defer { stage.selection = selection }
        if case .chunk(let byteCount, _) = stage.item, !stage.closesOnRemoval {
            pass(byteCount, from: index, now: now)
        }
        stage.update(attributes: attributes, now: now)
    }

    private mutating func pass(_ byteCount: Int, from index: Int, now: Int64) {
        let before = stages[index].queue.chunkCount
        defer { if stages[index].queue.chunkCount < before { stages[index].headChanged() } }
        if index + 1 < stages.count {
            stages[index].queue.moveFirst(byteCount: byteCount, to: &stages[index + 1].queue)
        } else {
            if let meter, case .chunk(_, let receivedAt) = stages[index].item {
                meter.record(nanoseconds: now - receivedAt)
            }
            stages[index].queue.moveFirst(byteCount: byteCount, to: &outbox)
        }
    }

    private mutating func finish(_ stage: Stage, with ending: Ending, at index: Int) {
        stage.queue.dropAll()
        stage.hasEnded = true
        setEnding(ending, at: index + 1)
    }

    private mutating func setEnding(_ ending: Ending, at index: Int) {
        acceptsInput = false
        if index < stages.count {
            stages[index].ending = ending
        } else {
            self.ending = ending
        }
    }
}
