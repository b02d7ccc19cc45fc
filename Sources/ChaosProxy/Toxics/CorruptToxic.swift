extension ToxicType {
    /// `corrupt`: flips `bits` bits in a share of the chunks; their length stays.
    static let corrupt = ToxicType(
        "corrupt",
        fields: [.init("percent", .percent), .init("bits", .count, default: 1)],
        machine: CorruptMachine.self
    )
}

/// Flips bits at random places of the chunks that the dice choose.
struct CorruptMachine: ToxicMachine {
    private var attributes: ToxicAttributes
    private var random: SeedStream

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        self.attributes = attributes
        self.random = random
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        self.attributes = attributes
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .nothing: return .wait(until: .max)
        case .end: return .passEnd
        case .chunk(let byteCount, _):
            guard random.unit() < ToxicField.share(parts: attributes.values[0]) else {
                return .pass(byteCount: byteCount)
            }
            hits += 1
            return .flip(bits: Int(clamping: attributes.values[1]), seed: random.next())
        }
    }
}
