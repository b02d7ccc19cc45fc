extension Mutant {
    /// Lives in `ShopEvents/Relay/OutboxStatements.swift`.
    package static let outboxByNumber = Mutant(
        name: "outbox-by-number",
        story:
            "The relay reads WHERE sequence > the last one it saw; numbers are dealt out "
            + "at the insert and seen at the commit, so a transaction that commits late is "
            + "behind it for ever.",
        anomaly: "stuck event: it stays in the outbox, unread",
        invariant: "outboxes-drained",
        exposedBy: "mutants/late-commits.json"
    )
}
