extension ToxicType {
    /// `slow_close`: data passes; the end of the stream is held back `delay` ms.
    static let slowClose = ToxicType(
        "slow_close",
        fields: [.init("delay", .milliseconds)],
        machine: SlowCloseMachine.self
    )
}

/// Holds back the end of the stream.
struct SlowCloseMachine: ToxicMachine {
    private var delay: Int64
    private var endedAt: Int64?

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        delay = attributes.values[0]
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        delay = attributes.values[0]
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .nothing: return .wait(until: .max)
        case .chunk(let byteCount, _): return .pass(byteCount: byteCount)
        case .end:
            if endedAt == nil { hits += 1 }
            let start = endedAt ?? now
            endedAt = start
            let deadline = start + ToxicAttributes.nanoseconds(milliseconds: delay)
            return deadline <= now ? .passEnd : .wait(until: deadline)
        }
    }
}
