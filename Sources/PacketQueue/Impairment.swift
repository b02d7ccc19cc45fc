import JSON

/// What happens to packets; the words and meanings are those of netem (tc-netem(8)).
package struct Impairment: Sendable, Hashable {
    /// How much later a packet arrives, and how far that varies to both sides, evenly.
    package var delay: Duration = .zero
    package var jitter: Duration = .zero
    /// Chances from 0 to 1, each decided for itself.
    package var loss = 0.0
    package var duplicate = 0.0
    package var corrupt = 0.0
    /// The share that is not delayed, and so overtakes.
    package var reorder = 0.0
    /// Decides every chance.
    package var seed: UInt64 = 0

    package init() {}

    /// Whether packets leave in the order in which they came.
    var isOrdered: Bool { jitter == .zero && reorder == 0 }

    /// Whether packets must be copied here; without, their heads are enough.
    var needsPayload: Bool { corrupt > 0 || duplicate > 0 }

    /// The form on the command line of `chaos packet-queue`.
    var json: JSONObject {
        [
            "delay-us": .integer(Int64(delay / .microseconds(1))),
            "jitter-us": .integer(Int64(jitter / .microseconds(1))),
            "loss": .number(loss),
            "duplicate": .number(duplicate),
            "corrupt": .number(corrupt),
            "reorder": .number(reorder),
            "seed": .integer(Int64(bitPattern: seed)),
        ]
    }

    init(_ json: JSONValue) {
        func duration(_ name: String) -> Duration {
            .microseconds(max(0, json[name]?.integerValue ?? 0))
        }
        func chance(_ name: String) -> Double {
            min(1, max(0, json[name]?.doubleValue ?? 0))
        }
        delay = duration("delay-us")
        jitter = duration("jitter-us")
        loss = chance("loss")
        duplicate = chance("duplicate")
        corrupt = chance("corrupt")
        reorder = chance("reorder")
        seed = UInt64(bitPattern: json["seed"]?.integerValue ?? 0)
    }
}

/// Decides packet after packet; pure.
struct PacketFate: Sendable {
    /// What becomes of one packet.
    struct Decision: Sendable, Hashable {
        var isLost = false
        /// How long it is held.
        var hold: Int64 = 0
        var isDoubled = false
        /// Which bit of how many is turned over; `nil`: none.
        var damage: UInt64?
    }

    let impairment: Impairment
    private let delay: Int64
    private let jitter: Int64
    private var numbers: SeededNumbers

    init(_ impairment: Impairment) {
        self.impairment = impairment
        delay = Int64(impairment.delay / .nanoseconds(1))
        jitter = Int64(impairment.jitter / .nanoseconds(1))
        numbers = SeededNumbers(state: impairment.seed)
    }

    mutating func next() -> Decision {
        var decision = Decision()
        guard !happens(impairment.loss) else {
            decision.isLost = true
            return decision
        }
        decision.isDoubled = happens(impairment.duplicate)
        if happens(impairment.corrupt) { decision.damage = numbers.next() }
        if happens(impairment.reorder) { return decision }
        decision.hold = delay
        if jitter > 0 { decision.hold += Int64.random(in: -jitter...jitter, using: &numbers) }
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
