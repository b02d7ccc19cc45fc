import ChaosPluginAPI
import JSON
import Netlink

/// What a fault has done, as far as the kernel's counters prove it.
struct NetemEffect {
    let netem: Netem
    /// The counters of each direction; they began at 0 with the fault.
    let counts: [QdiscStatistics]

    func effect(unit: String) -> Effect {
        Effect(
            hits: hits,
            unit: unit,
            detail: [
                "packets": .integer(Int64(clamping: seen)),
                "lost": .integer(Int64(clamping: drops)),
                "overtook": .integer(Int64(clamping: overtook)),
                "held": .integer(Int64(counts.reduce(0) { $0 + $1.held })),
                "bytes": .integer(Int64(clamping: counts.reduce(0) { $0 + $1.bytes })),
            ]
        )
    }

    /// What every packet suffers counts by packets; what befalls a few only by what is proven.
    private var hits: Int {
        if netem.reorder > 0 { return Int(clamping: overtook) }
        if netem.delay > 0 || netem.rate > 0 || netem.slot != nil { return Int(clamping: seen) }
        if netem.loss != .random(0) { return Int(clamping: drops) }
        return atLeast(netem.duplicate / (1 + netem.duplicate)) + atLeast(netem.corrupt)
    }

    private var seen: UInt64 {
        counts.reduce(0) { $0 + $1.packets + $1.drops + UInt64(max(0, $1.held)) }
    }

    private var drops: UInt64 { counts.reduce(0) { $0 + $1.drops } }

    private var overtook: UInt64 { counts.reduce(0) { $0 + $1.requeues } }

    /// The kernel does not count this: so many it were at least, three standard errors below the
    /// expectation.
    private func atLeast(_ share: Double) -> Int {
        let expected = Double(seen) * share
        return max(0, Int(expected - 3 * (expected * (1 - share)).squareRoot()))
    }
}
