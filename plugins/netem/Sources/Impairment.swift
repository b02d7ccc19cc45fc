import ChaosPluginAPI
import JSON
import Netlink

/// What is done to the packets, read from the arguments of a function.
struct Impairment: Sendable, Hashable {
    var netem = Netem()

    /// How many packets may be held while the fault is being removed: none is lost by that.
    static let limitMax: UInt32 = 10_000_000

    /// Nothing: what a discipline is changed to before it is removed.
    var isNothing: Bool {
        var bare = netem
        let neutral = Netem()
        (bare.limit, bare.seed, bare.tag) = (neutral.limit, nil, 0)
        (bare.distribution, bare.reorderGap) = (neutral.distribution, neutral.reorderGap)
        bare.packetOverhead = neutral.packetOverhead
        return bare == neutral
    }

    /// Reads the arguments in canonical form.
    ///
    /// - Throws: `NetemError` when arguments contradict each other or nothing is impaired.
    init(_ arguments: JSONObject, seed: UInt64) throws {
        let reader = ArgumentReader(arguments)
        netem.delay = reader.nanoseconds("delay")
        netem.jitter = reader.nanoseconds("jitter")
        if let word = arguments["distribution"]?.stringValue {
            netem.distribution = DelayDistribution(rawValue: word) ?? .uniform
        }
        netem.loss = try Self.loss(reader)
        netem.duplicate = reader.share("duplicate") ?? 0
        netem.corrupt = reader.share("corrupt") ?? 0
        netem.reorder = reader.share("reorder") ?? 0
        netem.reorderGap = UInt32(clamping: reader.integer("gap") ?? 1)
        netem.rate = UInt64(max(0, arguments["rate"]?.doubleValue ?? 0))
        netem.packetOverhead = Int32(clamping: reader.integer("overhead") ?? 0)
        netem.slot = try Self.slot(reader)
        netem.limit = UInt32(clamping: reader.integer("limit") ?? 100_000)
        netem.seed = reader.integer("seed").map { UInt64(clamping: $0) } ?? seed
        try check()
    }

    private func check() throws {
        if netem.jitter > netem.delay {
            throw NetemError(
                "the jitter is longer than the delay — arguments. Packets cannot arrive before"
                    + " they are sent: raise delay or lower jitter."
            )
        }
        if netem.reorder > 0, netem.delay == 0 {
            throw NetemError(
                "reorder needs a delay — arguments. Packets overtake those that are delayed: give"
                    + " delay, longer than the time between two packets."
            )
        }
        if isNothing {
            throw NetemError(
                "nothing would be impaired — arguments. Give at least one of delay, loss,"
                    + " burst-begins, p13, duplicate, corrupt, reorder, rate and slot-min above 0."
            )
        }
    }

    private static func loss(_ reader: ArgumentReader) throws -> Netem.LossModel {
        let (random, begins, p13) = (
            reader.share("loss"), reader.share("burst-begins"), reader.share("p13")
        )
        let given = [("loss", random), ("burst-begins", begins), ("p13", p13)]
            .filter { $0.1 != nil }.map(\.0)
        guard given.count <= 1 else {
            throw NetemError(
                "\(given.joined(separator: " and ")) cannot hold together — arguments. Packets"
                    + " are lost by one model: give only one of them."
            )
        }
        if let begins {
            return .gilbertElliott(
                begins: begins,
                ends: try reader.needed("burst-ends", with: "burst-begins"),
                lostInBad: reader.share("burst-loss") ?? 1,
                lostInGood: reader.share("calm-loss") ?? 0
            )
        }
        if let p13 {
            return .states(
                p13: p13,
                p31: try reader.needed("p31", with: "p13"),
                p32: reader.share("p32") ?? 0,
                p23: reader.share("p23") ?? 1,
                p14: reader.share("p14") ?? 0
            )
        }
        return .random(random ?? 0)
    }

    private static func slot(_ reader: ArgumentReader) throws -> Netem.Slot? {
        guard reader.arguments["slot-min"] != nil else { return nil }
        let shortest = reader.nanoseconds("slot-min")
        let longest =
            reader.arguments["slot-max"] == nil ? shortest : reader.nanoseconds("slot-max")
        guard longest >= shortest, longest > 0 else {
            throw NetemError(
                "slot-max is shorter than slot-min, or both are 0 — arguments. Give the least"
                    + " and the most time from slot to slot."
            )
        }
        var slot = Netem.Slot(shortest: shortest, longest: longest)
        slot.packets = Int32(clamping: reader.integer("slot-packets") ?? 0)
        slot.bytes = Int32(clamping: reader.integer("slot-bytes") ?? 0)
        return slot
    }
}

/// Reads canonical arguments: durations are milliseconds, shares 0 to 1.
struct ArgumentReader {
    let arguments: JSONObject

    init(_ arguments: JSONObject) {
        self.arguments = arguments
    }

    func nanoseconds(_ name: String) -> Int64 {
        Int64(((arguments[name]?.doubleValue ?? 0) * 1e6).rounded())
    }

    func share(_ name: String) -> Double? { arguments[name]?.doubleValue }

    func integer(_ name: String) -> Int64? { arguments[name]?.integerValue }

    /// - Throws: `NetemError` when a share is missing that another one needs.
    func needed(_ name: String, with other: String) throws -> Double {
        guard let value = share(name), value > 0 else {
            throw NetemError(
                "\(other) needs \(name) above 0 — arguments. Without it a burst would never end:"
                    + " give \(name)."
            )
        }
        return value
    }
}
