import ChaosModel

/// A toxic as the API knows it: what it does to which direction of which connections.
struct Toxic: Sendable {
    let name: String
    let type: ToxicType
    let direction: Direction
    /// `stream` as the client spelled it; echoed in answers.
    let stream: String
    /// What the connections of its proxy speak.
    var wireProtocol = SystemDescription.Link.WireProtocol.tcp
    /// The share of connections that are hit, 0 … 1; decided once per connection and direction.
    ///
    /// Any number is accepted, as by Toxiproxy: above 1 means all, 0 and below none.
    var toxicity: Float
    var attributes: ToxicAttributes
    /// What it does to a session, made from its attributes; `nil`: it works on chunks.
    var fault: SessionFault?
    /// Where its dice come from instead of the server's seed and its names: the same seed repeats
    /// them in another run.
    var ownSeed: UInt64?
    /// What is hit and which occurrences of it; `nil`: everything.
    var match: ToxicMatch?
    /// Changes with each update, so that the dice are thrown anew.
    var revision: UInt64 = 0

    /// What the toxic did so far, shared with the loops that carry the bytes.
    let tally: ToxicTally

    /// Whether the dice and the match include a connection; the same answer for the same revision.
    func includes(connection: UInt64, proxy: String, seed: UInt64) -> Bool {
        var dice = dice("toxicity \(revision)", connection, proxy: proxy, seed: seed)
        guard Float(dice.unit()) < toxicity else { return false }
        guard let occurrence = match?.occurrence, matchUnit == .connection else { return true }
        guard connection > tally.connectionsBefore else { return false }
        var matchDice = self.dice("match", 0, proxy: proxy, seed: seed)
        let ordinal = Int(clamping: connection - tally.connectionsBefore)
        return occurrence.hits(ordinal: ordinal, seed: matchDice.next())
    }

    /// What the match counts.
    var matchUnit: MatchUnit { match?.unit ?? type.matchUnits.first ?? .connection }

    /// The dice of one decision of this toxic.
    ///
    /// `purpose`: what is decided; `ordinal` tells apart decisions of one purpose, e.g. the number
    /// of the connection.
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

/// The attributes of a toxic, in the order of its type's fields: integers, 0 when not given, or
/// texts.
struct ToxicAttributes: Sendable, Hashable {
    var values: [Int64]
    /// At the places of fields that are texts, empty when not given.
    var texts: [String]

    init(_ values: [Int64]) {
        self.values = values
        texts = values.map { _ in "" }
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
