extension ToxicType {
    /// `shared_bandwidth`: all connections of the proxy together carry `rate` kilobytes a second.
    ///
    /// `bandwidth` limits each connection by itself; a saturated line is this one.
    static let sharedBandwidth = ToxicType(
        "shared_bandwidth",
        fields: [.init("rate", .kilobytesPerSecond)]
    ) { toxic, _, now in
        SharedBandwidthStage(toxic: toxic, now: now)
    }
}

/// Lets a piece leave when its turn on the shared line has had its time; pieces of at most 10 ms,
/// so that connections take turns.
final class SharedBandwidthStage: Stage {
    /// Kilobytes a second, which is bytes a millisecond.
    private var rate: Int64
    /// The piece at the head: when it has had its time, and its size.
    private var piece: (due: Int64, byteCount: Int)?
    private var isStalled = false

    init(toxic: Toxic, now: Int64) {
        rate = toxic.attributes.values[0]
        super.init(toxic: toxic)
    }

    override func update(attributes: ToxicAttributes, now: Int64) {
        rate = attributes.values[0]
        piece = nil
        isStalled = false
    }

    override func decide(_ item: StageItem, now: Int64) -> StageStep {
        switch item {
        case .nothing: return .wait(until: .max)
        case .end: return .passEnd
        case .chunk(let byteCount, _):
            guard rate > 0 else {
                if !isStalled { countHits(1) }
                isStalled = true
                return .wait(until: .max)
            }
            let (due, size) = piece ?? reserve(byteCount, now: now)
            guard due <= now else {
                piece = (due, size)
                return .wait(until: due)
            }
            piece = nil
            return .pass(byteCount: min(size, byteCount))
        }
    }

    private func reserve(_ byteCount: Int, now: Int64) -> (due: Int64, byteCount: Int) {
        countHits(1)
        let (limit, overflow) = rate.multipliedReportingOverflow(by: 10)
        let size = overflow ? Int64(byteCount) : min(Int64(byteCount), limit)
        return (tally.reserve(size * 1_000_000 / rate, now: now), Int(size))
    }
}
