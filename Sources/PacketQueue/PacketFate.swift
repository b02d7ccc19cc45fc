import Netlink

/// Decides packet after packet; pure.
struct PacketFate: Sendable {
    /// What becomes of one packet.
    struct Decision: Sendable, Hashable {
        var isLost = false
        /// How long it is held.
        var hold: Int64 = 0
        /// Whether it is not delayed, and so overtakes those that are.
        var overtakes = false
        var isDoubled = false
        /// Which bit of how many is turned over; `nil`: none.
        var damage: UInt64?
    }

    let impairment: Impairment
    private let delay: Int64
    private let jitter: Int64
    /// What the kernel's netem would draw from.
    private let table: [Int16]
    private var losses: LossChain
    private var numbers: SeededNumbers
    /// How many packets were delayed since one overtook.
    private var delayed = 0

    init(_ impairment: Impairment) {
        self.impairment = impairment
        delay = Int64(impairment.delay / .nanoseconds(1))
        jitter = Int64(impairment.jitter / .nanoseconds(1))
        table = impairment.spread.table
        losses = LossChain(impairment.lossModel)
        numbers = SeededNumbers(state: impairment.seed)
    }

    mutating func next() -> Decision {
        var decision = Decision()
        guard !losses.next({ Double.random(in: 0..<1, using: &numbers) }) else {
            decision.isLost = true
            return decision
        }
        decision.isDoubled = happens(impairment.duplicate)
        if happens(impairment.corrupt) { decision.damage = numbers.next() }
        if delayed + 1 >= impairment.gap, happens(impairment.reorder) {
            delayed = 0
            decision.overtakes = true
            return decision
        }
        delayed += 1
        decision.hold = delay
        if jitter > 0 {
            let index = Int.random(in: 0..<table.count, using: &numbers)
            let jitters = Double(table[index]) / DelayDistribution.scale
            decision.hold += Int64(jitters * Double(jitter))
        }
        decision.hold = max(0, decision.hold)
        return decision
    }

    private mutating func happens(_ chance: Double) -> Bool {
        chance > 0 && Double.random(in: 0..<1, using: &numbers) < chance
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed on every machine.
private struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
