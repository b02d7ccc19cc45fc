// Safeguards that can be left out, so that an experiment shows what each is for. Unlike the bugs of
// `Mutant.all` they break no invariant: the shop stays right and becomes slow or fragile.

extension Mutant {
    /// Nobody stops asking a peer that keeps failing.
    package static let withoutBreakers = without(
        "breakers",
        "Every caller goes on asking a peer that keeps failing.",
        "requests pile up behind a dead peer until their time is over"
    )
    /// As many requests at once as come.
    package static let withoutBulkheads = without(
        "bulkheads",
        "The gateway lets in as many requests as come.",
        "one kind of request takes all connections"
    )
    /// Clients as greedy as they like.
    package static let withoutRateLimits = without(
        "rate-limits",
        "A client may ask as often as it likes.",
        "one client's burst is everybody's outage"
    )
    /// Orders that cannot be carried out in time.
    package static let withoutLoadShedding = without(
        "load-shedding",
        "Orders are taken although those that wait already take too long.",
        "under overload nearly every order takes longer than its customer waits"
    )
    /// Everybody at once.
    package static let withoutSlowStart = without(
        "slow-start",
        "A peer that comes back is asked by everybody at once.",
        "a herd knocks over what has just recovered"
    )
    /// As many retries as there are failures.
    package static let withoutRetryBudgets = without(
        "retry-budgets",
        "Every failure is followed by a retry, however many there are.",
        "a peer that is too slow is asked more often than one that is well"
    )
    /// Work for clients that have left.
    package static let withoutDeadlines = without(
        "deadlines",
        "The time that a client still has is not passed on.",
        "services work for clients that have given up"
    )

    /// Every safeguard that can be left out; the only list.
    package static let withouts: [Mutant] = [
        .withoutBreakers, .withoutBulkheads, .withoutRateLimits, .withoutLoadShedding,
        .withoutSlowStart, .withoutRetryBudgets, .withoutDeadlines,
    ]

    private static func without(_ name: String, _ story: String, _ anomaly: String) -> Mutant {
        Mutant(
            name: "without-\(name)",
            story: story,
            anomaly: anomaly,
            invariant: "",
            exposedBy: ""
        )
    }
}
