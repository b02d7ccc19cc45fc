import ChaosModel

/// Blackman and Vigna's xoshiro256++ 1.0 (2019), seeded by `SplitMix64` as its authors advise.
///
/// The same seed gives the same numbers on every machine, which is what makes a load repeatable.
package struct Xoshiro256: RandomNumberGenerator, Sendable {
    private var s0, s1, s2, s3: UInt64

    /// - Parameters:
    ///   - seed: the run's.
    ///   - stream: tells generators of one run apart: 0 for arrivals, 1 + number for each arrival.
    package init(seed: UInt64, stream: UInt64 = 0) {
        var streams = SplitMix64(seed: stream)
        var seeder = SplitMix64(seed: seed ^ streams.next())
        (s0, s1, s2, s3) = (seeder.next(), seeder.next(), seeder.next(), seeder.next())
    }

    package mutating func next() -> UInt64 {
        let result = Self.rotated(s0 &+ s3, 23) &+ s0
        let t = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = Self.rotated(s3, 45)
        return result
    }

    /// A number from 0 on and below 1, with 53 random bits.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value << bits | value >> (64 - bits)
    }
}
