import ChaosModel

/// A seeded generator (`SplitMix64`): the same seed and labels give the same numbers everywhere.
///
/// Each decision draws from a stream of its own, named by what is decided, so that adding a toxic
/// or a connection does not shift the dice of the others.
struct SeedStream: RandomNumberGenerator, Sendable {
    private var numbers: SplitMix64

    init(seed: UInt64) {
        numbers = SplitMix64(seed: seed)
    }

    /// The stream of one decision.
    ///
    /// - Parameters:
    ///   - seed: The server's seed.
    ///   - labels: What is decided, from the big word to the small: proxy, toxic, direction.
    ///   - ordinal: Tells apart decisions of the same name, e.g. the number of the connection.
    init(seed: UInt64, labels: [String], ordinal: UInt64) {
        var hash = seed ^ 0xcbf2_9ce4_8422_2325
        for label in labels {
            for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x0000_0100_0000_01b3
        }
        let number = SplitMix64.mix(ordinal &+ SplitMix64.step)
        numbers = SplitMix64(seed: SplitMix64.mix(hash ^ number))
    }

    mutating func next() -> UInt64 {
        numbers.next()
    }

    /// A number in 0 ..< 1.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
