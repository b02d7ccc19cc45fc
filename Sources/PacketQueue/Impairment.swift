import JSON
package import Netlink

/// What happens to packets; the words and meanings are those of netem (tc-netem(8)).
package struct Impairment: Sendable, Hashable {
    /// How much later a packet arrives, and how far that varies.
    package var delay: Duration = .zero
    package var jitter: Duration = .zero
    package var spread = DelayDistribution.uniform
    package var lossModel = LossModel.random(0)
    /// Chances from 0 to 1, each decided for itself.
    package var duplicate = 0.0
    package var corrupt = 0.0
    /// The share that is not delayed, and so overtakes; only every `gap`-th packet may.
    package var reorder = 0.0
    package var gap = 1
    /// Packets that may be held at once; what comes then is lost.
    package var limit = 100_000
    /// Decides every chance.
    package var seed: UInt64 = 0

    package init() {}

    /// The share of packets that are lost, each by itself.
    package var loss: Double {
        get { if case .random(let share) = lossModel { share } else { 0 } }
        set { lossModel = .random(newValue) }
    }

    /// Whether packets leave in the order in which they came.
    var isOrdered: Bool { jitter == .zero && reorder == 0 }

    /// Whether packets must be copied here; without, their heads are enough.
    var needsPayload: Bool { corrupt > 0 || duplicate > 0 }

    /// The form on the command line of `chaos packet-queue`.
    var json: JSONObject {
        [
            "delay-us": .integer(Int64(delay / .microseconds(1))),
            "jitter-us": .integer(Int64(jitter / .microseconds(1))),
            "spread": .string(spread.rawValue),
            "loss": .object(lossModel.json),
            "duplicate": .number(duplicate),
            "corrupt": .number(corrupt),
            "reorder": .number(reorder),
            "gap": .integer(Int64(gap)),
            "limit": .integer(Int64(limit)),
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
        spread = json["spread"]?.stringValue.flatMap(DelayDistribution.init(rawValue:)) ?? .uniform
        lossModel = LossModel(json["loss"] ?? [:])
        duplicate = chance("duplicate")
        corrupt = chance("corrupt")
        reorder = chance("reorder")
        gap = max(1, Int(json["gap"]?.integerValue ?? 1))
        limit = max(1, Int(json["limit"]?.integerValue ?? 100_000))
        seed = UInt64(bitPattern: json["seed"]?.integerValue ?? 0)
    }
}
