extension Mutant {
    /// Lives in `ShopOrders/Outbox/OrderStore.swift`.
    package static let commandInMemory = Mutant(
        name: "command-in-memory",
        story:
            "Dual write: the order is committed, its first command is handed on in memory, "
            + "and no outbox row is written; a process that dies in between forgets the order.",
        anomaly: "stuck saga: an order that nobody works on",
        invariant: "saga-terminal",
        exposedBy: "mutants/orders-killed.json"
    )
}
