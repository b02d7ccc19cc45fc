extension String {
    /// A statement with one piece exchanged: how a mutant's SQL is made from the correct one.
    ///
    /// Traps when the piece does not stand there exactly once: a statement that was rewritten must
    /// not make its mutants harmless in silence.
    package func mutated(_ piece: String, to wrong: String) -> String {
        let places = ranges(of: piece)
        precondition(places.count == 1, "a mutant changes '\(piece)', which stands in no one place")
        return replacing(piece, with: wrong)
    }
}
