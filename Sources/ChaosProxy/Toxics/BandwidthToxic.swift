extension ToxicType {
    /// `bandwidth`: at most `rate` kilobytes (1,000 bytes) a second; 0 and below stall for ever.
    static let bandwidth = ToxicType(
        "bandwidth",
        fields: [.init("rate", .kilobytesPerSecond)],
        machine: BandwidthMachine.self
    )
}

/// Lets a chunk leave when its bytes have had their time, in pieces of at most 100 ms, with no
/// burst.
struct BandwidthMachine: ToxicMachine {
    /// Kilobytes a second, which is bytes a millisecond.
    private var rate: Int64
    /// When the piece at the head has had its time.
    private var due: Int64?
    /// When the last piece had its time.
    private var freeAt: Int64
    private var wasIdle = true

    init(attributes: ToxicAttributes, random: SeedStream, now: Int64) {
        rate = attributes.values[0]
        freeAt = now
    }

    mutating func update(attributes: ToxicAttributes, now: Int64) {
        rate = attributes.values[0]
        due = nil
        freeAt = now
        wasIdle = true
    }

    mutating func next(_ item: StageItem, now: Int64, hits: inout Int) -> StageStep {
        switch item {
        case .nothing:
            wasIdle = true
            return .wait(until: .max)
        case .end: return .passEnd
        case .chunk(let byteCount, _):
            guard rate > 0 else {
                if due == nil { hits += 1 }
                due = .max
                return .wait(until: .max)
            }
            return piece(of: byteCount, now: now, hits: &hits)
        }
    }

    private mutating func piece(of byteCount: Int, now: Int64, hits: inout Int) -> StageStep {
        let (limit, overflow) = rate.multipliedReportingOverflow(by: 100)
        let size = overflow ? Int64(byteCount) : min(Int64(byteCount), limit)
        if due == nil {
            hits += 1
            // A piece behind another starts when that one had its time, not when the loop woke
            // up for it: so the rate is exact whatever the timer's lateness.
            due = (wasIdle ? now : freeAt) + size * 1_000_000 / rate
            wasIdle = false
        }
        guard let leavesAt = due, leavesAt > now else {
            freeAt = due ?? now
            due = nil
            return .pass(byteCount: Int(size))
        }
        return .wait(until: leavesAt)
    }
}
