import EventLoop

/// Compares what the services say of an order; a value, no clock, no I/O.
///
/// Only of an order that is over and has been still for a while does a difference prove anything:
/// before that, commands and events are on their way.
struct Comparison: Sendable {
    let pace: ReconcilerPace
    /// Whether the read model has just had all events: only then does it say anything.
    let isModelFresh: Bool

    /// What is different, and what may be done about it.
    func findings(of facts: OrderFacts) -> [Finding] {
        guard let order = facts.order else { return missing(facts) }
        guard order.isOver else {
            guard order.stillMilliseconds >= milliseconds(pace.stuck) else { return [] }
            let minutes = order.stillMilliseconds / 60_000
            return [
                finding(
                    .orderStuck,
                    facts,
                    "The order has been \(order.state) for \(minutes) minutes. "
                        + "Look at it: chaos shop saga show."
                )
            ]
        }
        guard order.stillMilliseconds >= milliseconds(pace.settled) else { return [] }
        return money(order, facts) + charges(order, facts) + refunds(facts)
            + stock(order, facts) + model(order, facts)
    }

    /// Whether the order must be looked at again soon though nothing was found: it is on its way.
    ///
    /// What a late read model leaves open waits for the next look at all orders.
    func isOpen(_ facts: OrderFacts) -> Bool {
        guard let order = facts.order else { return false }
        let patience = max(pace.settled, pace.model)
        return !order.isOver || order.stillMilliseconds < milliseconds(patience)
    }

    /// The kinds that were not looked for.
    var undecided: [Finding.Kind] { isModelFresh ? [] : [.modelDiffers] }

    private func milliseconds(_ duration: Duration) -> Int64 {
        duration.nanosecondsClamped / 1_000_000
    }

    private func finding(
        _ kind: Finding.Kind,
        _ facts: OrderFacts,
        _ detail: String,
        _ rule: Finding.Rule? = nil
    ) -> Finding {
        Finding(kind: kind, order: facts.id, detail: detail, rule: rule)
    }
}

// The differences, one after the other.
extension Comparison {
    private func missing(_ facts: OrderFacts) -> [Finding] {
        let knowing = [
            (facts.payments.isEmpty, "payments"), (facts.reservations.isEmpty, "inventory"),
            (facts.charges.isEmpty, "the processor"), (facts.view == nil, "the read model"),
        ].filter { !$0.0 }.map(\.1)
        guard !knowing.isEmpty else { return [] }
        let names = knowing.joined(separator: ", ")
        return [finding(.orderMissing, facts, "Orders do not know it. Known to: \(names).")]
    }

    private func money(_ order: OrderFacts.Order, _ facts: OrderFacts) -> [Finding] {
        let captured = facts.payments.filter { $0.state == "captured" }
        if let open = facts.payments.first(where: \.isOpen) {
            let unknown = open.state == "pending" ? "charge" : "refund"
            return [
                finding(
                    .outcomeUnknown,
                    facts,
                    "The order is \(order.state), and payments do not know what became of "
                        + "the \(unknown) under the key \(open.key).",
                    .askProcessor(key: open.key)
                )
            ]
        }
        guard !captured.isEmpty else {
            guard order.state == "confirmed" else { return [] }
            return [finding(.notCharged, facts, "The order is confirmed; nothing was captured.")]
        }
        var findings: [Finding] = []
        if order.state != "confirmed" {
            findings.append(
                finding(
                    .chargedThoughEnded,
                    facts,
                    "The order is \(order.state), and \(captured[0].amountCents) cents were "
                        + "captured. Refund them."
                )
            )
        }
        let amounts = Set(
            captured.map(\.amountCents) + facts.charges.map(\.amountCents) + [order.amountCents]
        )
        if amounts.count > 1 {
            findings.append(
                finding(
                    .amountsDiffer,
                    facts,
                    "The order is of \(order.amountCents) cents; captured or charged were "
                        + amounts.sorted().map(String.init).joined(separator: ", ") + "."
                )
            )
        }
        return findings
    }

    private func charges(_ order: OrderFacts.Order, _ facts: OrderFacts) -> [Finding] {
        var findings: [Finding] = []
        let kept = facts.charges.filter(\.isKept)
        if kept.count > 1 {
            let sum = kept.reduce(0) { $0 + $1.amountCents }
            findings.append(
                finding(
                    .chargedTwice,
                    facts,
                    "The processor has \(kept.count) charges, \(sum) cents together, "
                        + "for an order of \(order.amountCents)."
                )
            )
        }
        let known = Set(facts.charges.map(\.key))
        for payment in facts.payments
        where payment.state == "captured" && !known.contains(payment.key) {
            findings.append(
                finding(
                    .captureWithoutCharge,
                    facts,
                    "Payments have captured under the key \(payment.key); the processor knows "
                        + "no such charge."
                )
            )
            break
        }
        let booked = Set(facts.payments.filter { $0.state != "failed" }.map(\.key))
        if let charge = facts.charges.first(where: { !booked.contains($0.key) }) {
            findings.append(
                finding(
                    .chargeNotBooked,
                    facts,
                    "The processor has charged \(charge.amountCents) cents under the key "
                        + "\(charge.key); payments have not captured them."
                )
            )
        }
        return findings
    }

    /// What payments gave back the processor has given back, and nothing else.
    private func refunds(_ facts: OrderFacts) -> [Finding] {
        let charges = Dictionary(grouping: facts.charges, by: \.key)
        let differing = facts.payments.first { payment in
            guard let charge = charges[payment.key]?.first else { return false }
            switch payment.state {
            case "captured": return charge.refundedCents != 0
            case "refunded": return charge.refundedCents != charge.amountCents
            default: return false
            }
        }
        guard let differing, let charge = charges[differing.key]?.first else { return [] }
        return [
            finding(
                .refundDiffers,
                facts,
                "The payment is \(differing.state); of \(charge.amountCents) cents the processor "
                    + "has given back \(charge.refundedCents)."
            )
        ]
    }

    private func stock(_ order: OrderFacts.Order, _ facts: OrderFacts) -> [Finding] {
        order.state == "confirmed" ? soldStock(order, facts) : unsoldStock(order, facts)
    }

    /// Of an order that was not confirmed.
    private func unsoldStock(_ order: OrderFacts.Order, _ facts: OrderFacts) -> [Finding] {
        if facts.reservations.contains(where: { $0.state == "held" }) {
            let text = "The order is \(order.state); its stock is still held."
            // An order that a person has taken out of the saga is that person's.
            let rule: Finding.Rule? = order.state == "cancelled" ? .releaseHold : nil
            return [finding(.holdLeft, facts, text, rule)]
        }
        guard facts.reservations.contains(where: { $0.state == "confirmed" }) else { return [] }
        return [finding(.stockDiffers, facts, "The order is \(order.state); its stock is sold.")]
    }

    private func soldStock(_ order: OrderFacts.Order, _ facts: OrderFacts) -> [Finding] {
        guard facts.reservations.contains(where: { $0.state == "confirmed" }) else {
            guard facts.reservations.contains(where: { $0.state == "held" }) else {
                return [finding(.stockMissing, facts, "The order is confirmed; no stock is.")]
            }
            let text = "The order is confirmed; its stock is held and not sold."
            return [finding(.saleUnfinished, facts, text, .confirmHold)]
        }
        let taken = facts.reservations.filter { $0.state != "released" }
        let isRight = taken.allSatisfy { $0.sku == order.sku && $0.quantity == order.quantity }
        guard !isRight || taken.count > 1 else { return [] }
        let text = taken.map { "\($0.quantity) of \($0.sku)" }.joined(separator: ", ")
        return [
            finding(
                .stockDiffers,
                facts,
                "The order is of \(order.quantity) of \(order.sku); taken were \(text)."
            )
        ]
    }

    private func model(_ order: OrderFacts.Order, _ facts: OrderFacts) -> [Finding] {
        guard isModelFresh, order.stillMilliseconds >= milliseconds(pace.model) else { return [] }
        if let view = facts.view, view.state == order.state, view.version >= order.version {
            return []
        }
        let view = facts.view.map { "\($0.state), version \($0.version)" } ?? "no such order"
        return [
            finding(
                .modelDiffers,
                facts,
                "Orders say \(order.state), version \(order.version); the read model says \(view).",
                .rewriteView
            )
        ]
    }
}
