/// The saga of one order as a value: what an answer means for the order; no clock, no I/O.
///
/// Every answer may come twice or late, since commands are delivered at least once. The rule that
/// keeps the money safe: an order that may have been charged is never cancelled — only a certain
/// refusal of the card or of the stock leads to compensation, and one that was charged gets its
/// money back first.
package struct OrderSaga: Sendable, Equatable {
    /// Where the order is.
    package private(set) var state: OrderState

    package init(state: OrderState = .pending) {
        self.state = state
    }

    /// A certain answer of another service to a command; uncertainty is no event, it is a retry.
    package enum Event: Hashable, Sendable, CaseIterable {
        /// Inventory holds the stock for the order.
        case held
        /// Inventory has not enough, or has given the hold back.
        case notHeld
        /// Payments has captured the money.
        case captured
        /// The processor refused the card; nothing was charged.
        case declined
        /// The hold is lost, and payments has taken the charge's key out of use.
        case voided
        /// Inventory turned the hold into a sale.
        case saleConfirmed
        /// Payments has given the money back.
        case refunded
        /// Inventory holds nothing for the order any more, and never will.
        case holdReleased
        /// The order's time is over before any charge was attempted.
        case expired
    }

    /// What is to be done about an event.
    package enum Decision: Hashable, Sendable {
        /// Move the order, note why, and send the next command, all in one transaction.
        case advance(to: OrderState, next: SagaCommand?, reason: String?)
        /// The order has moved on already: the command is done, nothing changes.
        case alreadyDone
        /// Keep trying: this event decides nothing in this state.
        case keepTrying
    }

    /// Takes an event and moves the state when it decides something.
    package mutating func handle(_ event: Event) -> Decision {
        let decision = decide(event)
        if case .advance(let next, _, _) = decision { state = next }
        return decision
    }

    private func decide(_ event: Event) -> Decision {
        switch (state, event) {
        case (.pending, .held):
            .advance(to: .reserved, next: .charge, reason: nil)
        case (.pending, .notHeld):
            .advance(to: .compensating, next: .release, reason: "out of stock")
        case (.pending, .expired):
            .advance(to: .compensating, next: .release, reason: "expired before the charge")
        case (.reserved, .captured):
            .advance(to: .captured, next: .confirm, reason: nil)
        case (.reserved, .declined):
            .advance(to: .compensating, next: .release, reason: "card declined")
        case (.reserved, .voided):
            .advance(
                to: .compensating,
                next: .release,
                reason: "the hold was lost before the charge"
            )
        case (.captured, .saleConfirmed):
            .advance(to: .confirmed, next: nil, reason: nil)
        case (.captured, .notHeld):
            .advance(
                to: .refunding,
                next: .refund,
                reason: "the hold was lost after the charge"
            )
        case (.refunding, .refunded):
            .advance(to: .compensating, next: .release, reason: nil)
        case (.compensating, .holdReleased):
            .advance(to: .cancelled, next: nil, reason: nil)
        case (.reserved, .notHeld), (.reserved, .expired):
            // A charge may exist already: only its own answer may decide.
            .keepTrying
        case (_, .expired):
            state.isFinal ? .alreadyDone : .keepTrying
        case (.reserved, .held), (.captured, .held), (.confirmed, .held),
            (.captured, .captured), (.confirmed, .captured), (.confirmed, .saleConfirmed),
            (.refunding, .notHeld), (.compensating, .notHeld), (.cancelled, .notHeld),
            (.compensating, .refunded), (.cancelled, .refunded),
            (.compensating, .voided), (.cancelled, .voided),
            (.compensating, .declined), (.cancelled, .declined), (.cancelled, .holdReleased):
            .alreadyDone
        default:
            .keepTrying
        }
    }
}

extension OrderSaga {
    /// The state in which a command is outstanding; the transaction that handles its answer
    /// requires it.
    package static func state(awaiting command: SagaCommand) -> OrderState {
        switch command {
        case .reserve: .pending
        case .charge: .reserved
        case .confirm: .captured
        case .refund: .refunding
        case .release: .compensating
        }
    }
}
