/// Derives numbers and seeds from a seed: each step gets its own, whatever the others do.
///
/// Any seed is a good one. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    /// What is added at each step: the golden ratio.
    package static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= Self.step
        return Self.mix(state)
    }

    /// A seed of 53 bits.
    package mutating func nextSeed() -> UInt64 {
        next() >> 11
    }

    /// Scatters the bits: numbers that are near each other become far apart.
    package static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
