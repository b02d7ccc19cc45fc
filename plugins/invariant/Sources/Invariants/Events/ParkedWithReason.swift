import JSON

extension Invariant {
    /// Predicate: what lies among the dead letters was tried five times and says why it failed.
    static let parkedWithReason = Invariant(
        name: "parked-with-reason",
        statement: "Every dead letter was tried five times and says why it failed.",
        anomaly: "given up too early, or without a word",
        isAlways: true,
        needs: "a shop with an event side"
    ) { index in
        guard let events = index.events else { return nil }
        let letters = events.events.deadLetters
        let witnesses = letters.compactMap { letter -> JSONObject? in
            guard letter.tries != 5 || letter.reason.isEmpty else { return nil }
            let reason =
                letter.reason.isEmpty
                ? "\(letter.consumer) parked \(letter.type) without a reason"
                : "\(letter.consumer) parked \(letter.type) after \(letter.tries) tries"
            return index.story(of: letter.order, because: reason)
        }
        return Finding(checked: letters.count, witnesses: witnesses)
    }
}
