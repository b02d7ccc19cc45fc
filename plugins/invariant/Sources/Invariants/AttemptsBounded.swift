import JSON

extension Invariant {
    /// Predicate: a command has at most 20 attempts and 4 more for each second of its order's age.
    ///
    /// Exponential backoff that ends at two seconds with full jitter needs a quarter of that.
    static let attemptsBounded = Invariant(
        name: "attempts-bounded",
        statement: "No command is attempted more often than 20 times and 4 times a second.",
        anomaly: "retry amplification",
        isAlways: true
    ) { index in
        let commands = index.observation.commands
        let witnesses = commands.compactMap { command -> JSONObject? in
            let bound = 20 + 4 * max(0, command.ageMilliseconds) / 1000
            guard command.attempts > bound else { return nil }
            let reason =
                "\(command.attempts) attempts to \(command.type), at most \(bound) expected"
            return index.story(of: command.order, because: reason)
        }
        return Finding(checked: commands.count, witnesses: witnesses)
    }
}
