extension ToxicType {
    /// `timeout`: loses all data; closes after `timeout` ms without data, 0 never closes.
    static let timeout = ToxicType(
        "timeout",
        fields: [.init("timeout", .milliseconds)],
        machine: TimeoutMachine.self
    )
}

/// A black hole that may close: its clock starts again with every chunk that it loses.
struct TimeoutMachine: ToxicMachine {
    static var closesOnRemoval: Bool { true }

    private var timeout: Int64
    private var quietSince: Int64
    private var hasClosed = false

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        timeout = attributes.values[0]
        quietSince = now
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        timeout = attributes.values[0]
        quietSince = now
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .chunk:
            quietSince = now
            hits += 1
            return .drop
        // The end of the stream is data like any other: the peer does not hear of it either.
        case .nothing, .end: return close(now: now, hits: &hits)
        }
    }

    private mutating func close(now: Int64, hits: inout Int) -> StageStep {
        guard timeout > 0 else { return .wait(until: .max) }
        let deadline = quietSince + ToxicAttributes.nanoseconds(milliseconds: timeout)
        guard deadline <= now else { return .wait(until: deadline) }
        if !hasClosed { hits += 1 }
        hasClosed = true
        return .close
    }
}
