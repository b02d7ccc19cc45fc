extension ToxicType {
    /// `loss`: whole chunks vanish, at random or in bursts (Gilbert–Elliott).
    ///
    /// The bytes are missing from the stream and nothing repairs it, as TCP would a lost packet:
    /// what a broken middlebox or a bug does, not what a bad line does.
    static let loss = ToxicType(
        "loss",
        fields: [
            .init("percent", .percent), .init("bad_percent", .percent),
            .init("to_bad_percent", .percent), .init("to_good_percent", .percent),
        ],
        machine: LossMachine.self
    )
}

/// Loses each chunk with the probability of the state in which the line is.
///
/// Before each chunk a good line becomes bad with `to_bad_percent`, a bad one good with
/// `to_good_percent` (Gilbert 1960, Elliott 1963). Without these the line stays good.
struct LossMachine: ToxicMachine {
    private var attributes: ToxicAttributes
    private var random: SeedStream
    private var isBad = false

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
            if throwDice(attributes.values[isBad ? 3 : 2]) { isBad.toggle() }
            guard throwDice(attributes.values[isBad ? 1 : 0]) else {
                return .pass(byteCount: byteCount)
            }
            hits += 1
            return .drop
        }
    }

    private mutating func throwDice(_ parts: Int64) -> Bool {
        random.unit() < ToxicField.share(parts: parts)
    }
}
