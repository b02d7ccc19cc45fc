extension ToxicType {
    /// `reset_peer`: `timeout` ms after the first chunk or the end, both sides get a RST.
    static let resetPeer = ToxicType(
        "reset_peer",
        fields: [.init("timeout", .milliseconds)],
        machine: ResetPeerMachine.self
    )
}

/// Loses data from the first chunk on and breaks the connection; an idle connection is left alone.
struct ResetPeerMachine: ToxicMachine {
    private var timeout: Int64
    private var touchedAt: Int64?

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        timeout = attributes.values[0]
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        timeout = attributes.values[0]
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .chunk:
            if touchedAt == nil { touchedAt = now }
            return .drop
        case .end:
            if touchedAt == nil { touchedAt = now }
        case .nothing: break
        }
        guard let touchedAt else { return .wait(until: .max) }
        let deadline = touchedAt + ToxicAttributes.nanoseconds(milliseconds: timeout)
        guard deadline <= now else { return .wait(until: deadline) }
        hits += 1
        return .reset
    }
}
