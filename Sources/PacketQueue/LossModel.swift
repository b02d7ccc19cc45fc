import JSON

/// How packets are lost; the words and meanings are those of tc-netem(8).
package enum LossModel: Sendable, Hashable {
    /// Each by itself.
    case random(Double)
    /// In bursts: the chance, packet by packet, that a bad time begins and that it ends, and the
    /// shares lost in the bad and in the good.
    case gilbertElliott(begins: Double, ends: Double, lostInBad: Double, lostInGood: Double)
    /// The chances of going between 1 good, 2 good within a burst, 3 burst of losses, 4 single
    /// loss.
    case states(p13: Double, p31: Double, p32: Double, p23: Double, p14: Double)

    /// The form on the command line of `chaos packet-queue`.
    var json: JSONObject {
        switch self {
        case .random(let share): ["random": .number(share)]
        case .gilbertElliott(let begins, let ends, let lostInBad, let lostInGood):
            [
                "begins": .number(begins), "ends": .number(ends), "bad": .number(lostInBad),
                "good": .number(lostInGood),
            ]
        case .states(let p13, let p31, let p32, let p23, let p14):
            [
                "p13": .number(p13), "p31": .number(p31), "p32": .number(p32),
                "p23": .number(p23), "p14": .number(p14),
            ]
        }
    }

    init(_ json: JSONValue) {
        func chance(_ name: String) -> Double { min(1, max(0, json[name]?.doubleValue ?? 0)) }
        if json["p13"] != nil {
            self = .states(
                p13: chance("p13"),
                p31: chance("p31"),
                p32: chance("p32"),
                p23: chance("p23"),
                p14: chance("p14")
            )
        } else if json["begins"] != nil {
            self = .gilbertElliott(
                begins: chance("begins"),
                ends: chance("ends"),
                lostInBad: chance("bad"),
                lostInGood: chance("good")
            )
        } else {
            self = .random(chance("random"))
        }
    }
}

/// Decides the loss of one packet after the other; pure.
struct LossChain: Sendable {
    private enum State: Sendable { case good, goodInBurst, burst, single }

    let model: LossModel
    private var state = State.good

    init(_ model: LossModel) {
        self.model = model
    }

    mutating func next(_ draw: () -> Double) -> Bool {
        switch model {
        case .random(let share): return share > 0 && draw() < share
        case .gilbertElliott(let begins, let ends, let lostInBad, let lostInGood):
            let isBad = state == .burst
            if draw() < (isBad ? ends : begins) { state = isBad ? .good : .burst }
            return draw() < (isBad ? lostInBad : lostInGood)
        case .states(let p13, let p31, let p32, let p23, let p14):
            state = Self.step(state, draw(), p13, p31, p32, p23, p14)
            return state == .burst || state == .single
        }
    }

    private static func step(
        _ state: State,
        _ draw: Double,
        _ p13: Double,
        _ p31: Double,
        _ p32: Double,
        _ p23: Double,
        _ p14: Double
    ) -> State {
        switch state {
        case .good: draw < p14 ? .single : draw < p14 + p13 ? .burst : .good
        case .goodInBurst: draw < p23 ? .burst : .goodInBurst
        case .burst: draw < p32 ? .goodInBurst : draw < p32 + p31 ? .good : .burst
        case .single: .good
        }
    }
}
