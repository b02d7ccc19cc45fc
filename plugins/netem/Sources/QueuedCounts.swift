import ChaosPluginAPI
import JSON
import Netlink
import PacketQueue

/// What the processes of a fault have counted, all directions together.
struct QueuedCounts {
    private var seen = 0
    private var lost = 0
    private var doubled = 0
    private var damaged = 0
    private var overtook = 0
    private var overruns = 0

    mutating func add(_ counts: PacketHold.Counts) {
        seen += counts.seen
        lost += counts.lost
        doubled += counts.doubled
        damaged += counts.damaged
        overtook += counts.overtook
        overruns += counts.overruns
    }

    func effect(_ netem: Netem, unit: String) -> Effect {
        Effect(
            hits: hits(netem),
            unit: unit,
            detail: [
                "backend": "nfqueue", "packets": .integer(Int64(seen)),
                "lost": .integer(Int64(lost)), "doubled": .integer(Int64(doubled)),
                "damaged": .integer(Int64(damaged)), "overtook": .integer(Int64(overtook)),
                "overruns": .integer(Int64(overruns)),
            ]
        )
    }

    /// As `NetemEffect` counts, but exactly: nothing has to be estimated here.
    private func hits(_ netem: Netem) -> Int {
        if netem.reorder > 0 { return overtook }
        if netem.delay > 0 { return seen }
        if netem.loss != .random(0) { return lost }
        return doubled + damaged
    }
}

extension PacketQueue.Impairment {
    /// The same impairment; each direction draws its own numbers.
    init(_ netem: Netem, _ direction: Selection.Direction) {
        self.init()
        delay = .nanoseconds(netem.delay)
        jitter = .nanoseconds(netem.jitter)
        spread = netem.distribution
        duplicate = netem.duplicate
        corrupt = netem.corrupt
        reorder = netem.reorder
        gap = Int(netem.reorderGap)
        limit = Int(netem.limit)
        seed = (netem.seed ?? 0) ^ (direction == .egress ? 0 : 0x9e37_79b9_7f4a_7c15)
        switch netem.loss {
        case .random(let share): lossModel = .random(share)
        case .gilbertElliott(let begins, let ends, let lostInBad, let lostInGood):
            lossModel = .gilbertElliott(
                begins: begins,
                ends: ends,
                lostInBad: lostInBad,
                lostInGood: lostInGood
            )
        case .states(let p13, let p31, let p32, let p23, let p14):
            lossModel = .states(p13: p13, p31: p31, p32: p32, p23: p23, p14: p14)
        }
    }
}
