import JSON

/// A property that the data must have, and how to look for what breaks it.
struct Invariant: Sendable {
    /// In kebab case, as experiments name it.
    var name: String
    /// One sentence: what must be true.
    var statement: String
    /// The anomaly that a violation is called.
    var anomaly: String
    /// Whether it holds at every moment, not only when everything has come to rest.
    ///
    /// The observer reads the ledger first and orders last, so that what is true of each database
    /// at its moment is enough.
    var isAlways = false
    /// What an observation may lack without which nothing can be said.
    var needs = "the clients' history: no load runs"
    /// Looks through an observation; `nil` when the observation lacks what it takes.
    var check: @Sendable (ObservationIndex) -> Finding?

    /// What was looked at and what was wrong.
    struct Finding: Sendable, Equatable {
        /// How many things were looked at.
        var checked: Int
        /// Each violation's story.
        var witnesses: [JSONObject] = []

        var holds: Bool { witnesses.isEmpty }
    }

    /// The most witnesses that are handed on; the number of violations is always the whole one.
    static let witnessesMax = 50
}
