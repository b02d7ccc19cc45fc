/// Which of the chunks that reach a toxic it works on; the others pass as if it were not there.
struct ChunkSelection: Sendable, Equatable {
    let occurrence: OccurrenceMatch
    /// Where the dice of `percent` come from.
    let seed: UInt64
}
