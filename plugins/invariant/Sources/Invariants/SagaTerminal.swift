extension Invariant {
    /// Predicate: after the quiet period every order is confirmed or cancelled.
    static let sagaTerminal = Invariant(
        name: "saga-terminal",
        statement: "After the quiet period every order is confirmed or cancelled.",
        anomaly: "stuck saga"
    ) { index in
        let orders = index.observation.orders
        let witnesses = orders.filter { !$0.isTerminal }.map {
            index.story(of: $0.id, because: "still \($0.state)")
        }
        return Finding(checked: orders.count, witnesses: witnesses)
    }
}
