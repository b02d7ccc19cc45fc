extension ToxicType {
    /// `latency`: each chunk leaves `latency` ± `jitter` milliseconds after it was received.
    static let latency = ToxicType(
        "latency",
        fields: [.init("latency", .milliseconds), .init("jitter", .milliseconds)],
        machine: LatencyMachine.self
    )
}

/// Holds each chunk until its receive time plus the delay; chunks overlap and keep their order.
///
/// The end of the stream follows directly behind the last byte and is not delayed by itself.
struct LatencyMachine: ToxicMachine {
    private var latency: Int64
    private var jitter: Int64
    private var random: SeedStream
    /// When the chunk at the head may leave; drawn once per chunk.
    private var due: Int64?

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        latency = 0
        jitter = 0
        self.random = random
        update(attributes: attributes, now: now)
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        latency = attributes.values[0]
        jitter = max(0, attributes.values[1])
        due = nil
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .nothing: return .wait(until: .max)
        case .end: return .passEnd
        case .chunk(let byteCount, let receivedAt):
            let leavesAt = due ?? draw(receivedAt: receivedAt)
            if leavesAt > now {
                if due == nil { hits += 1 }
                due = leavesAt
                return .wait(until: leavesAt)
            }
            due = nil
            return .pass(byteCount: byteCount)
        }
    }

    private mutating func draw(receivedAt: Int64) -> Int64 {
        let base = ToxicAttributes.nanoseconds(milliseconds: latency)
        guard jitter > 0 else { return receivedAt + base }
        let spread = ToxicAttributes.nanoseconds(milliseconds: jitter)
        let offset = Int64((random.unit() * 2 - 1) * Double(spread))
        return receivedAt + max(0, base + offset)
    }
}
