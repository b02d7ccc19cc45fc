internal import ChaosJournal

/// The machine must be as it was before the method.
enum HostRule {
    /// How many differences are named; the journal has them all.
    private static let namedMax = 3

    static func reasons(_ facts: RunFacts) -> [Reason] {
        guard let host = facts.host, !host.left.isEmpty else { return [] }
        var list = host.left.prefix(namedMax).joined(separator: "; ")
        if host.left.count > namedMax { list += "; and \(host.left.count - namedMax) more" }
        let text =
            "UNDO INCOMPLETE: this machine is not as it was before the method: \(list)."
            + " Run `chaos recover`."
        return [Reason(.undoIncomplete, .blocks, text)]
    }
}
