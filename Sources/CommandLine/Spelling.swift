/// "Did you mean": the known word that a mistyped one is nearest to.
package enum Spelling {
    /// The nearest of the known words, when it is near enough to be meant: at most a third of the
    /// letters differ.
    package static func nearest(to word: String, in known: [String]) -> String? {
        let limit = max(1, word.count / 3)
        let ranked = known.map { (word: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit
        else { return known.first { !word.isEmpty && $0.hasPrefix(word) } }
        return best.word
    }

    /// How many insertions, deletions and replacements lead from one word to the other
    /// (Levenshtein).
    package static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.unicodeScalars)
        let right = Array(right.unicodeScalars)
        var previous = Array(0...right.count)
        for (row, scalar) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replace = previous[column] + (scalar == other ? 0 : 1)
                current.append(min(replace, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
