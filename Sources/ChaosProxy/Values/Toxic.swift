/// A toxic as the API knows it: what it does to which direction of which connections.
struct Toxic: Sendable {
    let name: String
    let type: ToxicType
    let direction: Direction
    /// `stream` as the client spelled it; echoed in answers.
    let stream: String
    /// The share of connections that are hit, 0 … 1; decided once per connection and direction.
    ///
    /// Any number is accepted, as by Toxiproxy: above 1 means all, 0 and below none.
    var toxicity: Float
    var attributes: ToxicAttributes
    /// Where its dice come from instead of the server's seed and its names: the same seed repeats
    /// them in another run.
    var ownSeed: UInt64?
    /// What is hit and which occurrences of it; only types that hit single events know one.
    var match: ToxicMatch?
    /// Changes with each update, so that the dice are thrown anew.
    var revision: UInt64 = 0

    /// What the toxic did so far, shared with the loops that carry the bytes.
    let tally: ToxicTally

    /// Whether the dice include a connection; always the same answer for the same revision.
    func includes(connection: UInt64, proxy: String, seed: UInt64) -> Bool {
        var dice = dice("toxicity \(revision)", connection, proxy: proxy, seed: seed)
        return Float(dice.unit()) < toxicity
    }

    /// The dice of one decision of this toxic.
    ///
    /// - Parameters:
    ///   - purpose: What is decided.
    ///   - ordinal: Tells apart decisions of one purpose, e.g. the number of the connection.
    func dice(
        _ purpose: String,
        _ ordinal: UInt64,
        proxy: String,
        seed: UInt64
    ) -> SeedStream {
        let labels = ownSeed == nil ? [proxy, name] : []
        return SeedStream(
            seed: ownSeed ?? seed,
            labels: labels + [direction.rawValue, purpose],
            ordinal: ordinal
        )
    }
}

/// The attributes of a toxic, in the order of its type's fields; all are integers, 0 when not given.
struct ToxicAttributes: Sendable, Hashable {
    var values: [Int64]

    init(_ values: [Int64]) {
        self.values = values
    }

    /// Milliseconds as nanoseconds, without overflow and never below 0.
    static func nanoseconds(milliseconds: Int64) -> Int64 {
        min(max(0, milliseconds), 1 << 40) * 1_000_000
    }

    /// Microseconds as nanoseconds, without overflow and never below 0.
    static func nanoseconds(microseconds: Int64) -> Int64 {
        min(max(0, microseconds), 1 << 50) * 1_000
    }
}
