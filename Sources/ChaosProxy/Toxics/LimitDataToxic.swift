extension ToxicType {
    /// `limit_data`: passes `bytes` bytes, then closes; 0 closes on the first chunk.
    static let limitData = ToxicType(
        "limit_data",
        fields: [.init("bytes", .bytes)],
        machine: LimitDataMachine.self
    )
}

/// Passes a number of bytes and closes right when it is reached; the count survives updates.
struct LimitDataMachine: ToxicMachine {
    private var limit: Int64
    private var passed: Int64 = 0

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        limit = attributes.values[0]
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        limit = attributes.values[0]
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .end: return .passEnd
        case .nothing:
            guard passed > 0, passed >= limit else { return .wait(until: .max) }
            hits += 1
            return .close
        case .chunk(let byteCount, _):
            let room = limit - passed
            guard room > 0 else {
                hits += 1
                return .close
            }
            let count = min(Int64(byteCount), room)
            passed += count
            return .pass(byteCount: Int(count))
        }
    }
}
