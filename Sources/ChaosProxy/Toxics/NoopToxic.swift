extension ToxicType {
    /// `noop`: passes everything through a stage; for tests and measurements.
    static let noop = ToxicType("noop", fields: [], machine: NoopMachine.self)
}

/// Passes everything on.
struct NoopMachine: ToxicMachine {
    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {}

    mutating func update(attributes: ToxicAttributes, now: Int64) {}

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .nothing: .wait(until: .max)
        case .end: .passEnd
        case .chunk(let byteCount, _): .pass(byteCount: byteCount)
        }
    }
}
