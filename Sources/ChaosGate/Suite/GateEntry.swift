/// One experiment of a suite, and how it counts.
package struct GateEntry: Sendable, Equatable {
    /// The experiment's file, as the program opens it.
    package var file: String
    /// The share of the score; more than 0, 1 by default.
    package var weight: Double
    /// What it needs for itself: two entries that share a word never run at the same time.
    package var conflicts: Set<String>
    /// Overrides the experiment's own seed.
    package var seed: UInt64?
    package var tags: [String]

    package init(
        file: String,
        weight: Double = 1,
        conflicts: Set<String> = [],
        seed: UInt64? = nil,
        tags: [String] = []
    ) {
        self.file = file
        self.weight = weight
        self.conflicts = conflicts
        self.seed = seed
        self.tags = tags
    }

    /// The name under which results are kept: the file without folder and extension.
    package var name: String {
        let last = file.split(separator: "/").last.map(String.init) ?? file
        return last.hasSuffix(".json") ? String(last.dropLast(5)) : last
    }
}
