extension ToxicType {
    /// `slicer`: cuts chunks into `average_size` ± `size_variation` bytes, `delay` µs after each.
    static let slicer = ToxicType(
        "slicer",
        fields: [
            .init("average_size", .bytes), .init("size_variation", .bytes),
            .init("delay", .microseconds),
        ],
        machine: SlicerMachine.self
    )
}

/// Cuts chunks; an average size of 0 or less passes them whole (Toxiproxy crashes on it).
struct SlicerMachine: ToxicMachine {
    private var average: Int64
    private var variation: Int64
    private var delay: Int64
    private var random: SeedStream
    private var nextAt: Int64 = .min

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        average = attributes.values[0]
        variation = attributes.values[1]
        delay = attributes.values[2]
        self.random = random
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        average = attributes.values[0]
        variation = attributes.values[1]
        delay = attributes.values[2]
        nextAt = .min
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .nothing: return .wait(until: .max)
        case .end: return nextAt > now ? .wait(until: nextAt) : .passEnd
        case .chunk(let byteCount, _):
            guard average > 0 else { return .pass(byteCount: byteCount) }
            if nextAt > now { return .wait(until: nextAt) }
            nextAt = now + ToxicAttributes.nanoseconds(microseconds: delay)
            hits += 1
            return .pass(byteCount: min(byteCount, size()))
        }
    }

    private mutating func size() -> Int {
        let middle = Double(average)
        guard variation > 0 else { return max(1, Int(clamping: average)) }
        let size = middle + (random.unit() * 2 - 1) * Double(variation)
        return Int(min(max(1, size), 1e12))
    }
}
