/// Finds the word that a misspelt one was meant to be.
package enum Spelling {
    /// The nearest of the known words, `nil` when none is near.
    package static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        guard word.utf8.count <= 100 else { return nil }
        var best: (word: String, distance: Int)?
        let folded = fold(word)
        for candidate in known {
            let distance = editDistance(folded, fold(candidate))
            // A third of the letters may be wrong.
            guard distance <= candidate.count / 3 else { continue }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// `Did you mean "delay"?`, or the known words when none is near.
    ///
    /// `kind` names them in the plural: `Known links: a, b.`
    package static func advice(
        for word: String,
        among known: [String],
        kind: String
    ) -> String {
        if let nearest = nearest(to: word, among: known) { return "Did you mean \"\(nearest)\"?" }
        guard !known.isEmpty else { return "There are no \(kind)." }
        let shown = known.prefix(20).joined(separator: ", ")
        return "Known \(kind): \(shown)\(known.count > 20 ? ", …" : "")."
    }

    /// Case and the choice of separator are not worth a mistake.
    private static func fold(_ word: String) -> [Character] {
        word.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func editDistance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, character) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    last[column] + (character == other ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, character == right[column - 1], other == left[row - 1] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
