extension Invariant {
    /// Predicate: after the quiet period no payment of an order that is over is still pending or
    /// being given back.
    static let noPaymentLeftOpen = Invariant(
        name: "no-payment-left-open",
        statement: "After the quiet period no payment of an ended order is left pending.",
        anomaly: "dangling payment"
    ) { index in
        let payments = index.observation.payments
        let witnesses = payments.filter {
            $0.isOpen && index.order($0.order)?.isTerminal != false
        }.map { index.story(of: $0.order, because: "its payment is still \($0.state)") }
        return Finding(checked: payments.count, witnesses: witnesses)
    }
}
