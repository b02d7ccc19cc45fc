/// A difference between what services say of one order.
struct Finding: Sendable, Hashable {
    /// What kind of difference; the name in the table of conflicts and in `chaos shop conflicts`.
    enum Kind: String, CaseIterable, Sendable {
        /// Payments do not know what became of a charge or of a refund.
        case outcomeUnknown = "outcome-unknown"
        /// The order is confirmed and nothing was captured.
        case notCharged = "not-charged"
        /// The order was cancelled or given up, and the card was charged.
        case chargedThoughEnded = "charged-though-ended"
        /// The card was charged more than once.
        case chargedTwice = "charged-twice"
        /// The order's, the payment's and the charge's amounts are not one.
        case amountsDiffer = "amounts-differ"
        /// Payments have captured what the processor does not know.
        case captureWithoutCharge = "capture-without-charge"
        /// The processor has charged what payments do not know.
        case chargeNotBooked = "charge-not-booked"
        /// Payments and the processor differ about what was given back.
        case refundDiffers = "refund-differs"
        /// The order was cancelled or given up, and its stock is still held.
        case holdLeft = "hold-left"
        /// The order is confirmed, and its stock is held and not sold.
        case saleUnfinished = "sale-unfinished"
        /// The order is confirmed, and no stock was taken for it.
        case stockMissing = "stock-missing"
        /// The order was cancelled, and its stock was sold; or it was taken twice or wrongly.
        case stockDiffers = "stock-differs"
        /// The read model tells another story than orders.
        case modelDiffers = "model-differs"
        /// Others know the order, and orders do not.
        case orderMissing = "order-missing"
        /// The order has not moved for minutes.
        case orderStuck = "order-stuck"
    }

    /// What may be done about it without asking a person; each may be done twice.
    enum Rule: Sendable, Hashable {
        /// Let payments ask the processor what became of the key.
        case askProcessor(key: String)
        case releaseHold
        case confirmHold
        /// Write the read model's row from orders' answer.
        case rewriteView

        /// The name in the table of conflicts.
        var name: String {
            switch self {
            case .askProcessor: "ask-processor"
            case .releaseHold: "release-hold"
            case .confirmHold: "confirm-hold"
            case .rewriteView: "rewrite-view"
            }
        }
    }

    var kind: Kind
    var order: String
    /// One sentence for a person.
    var detail: String
    /// `nil`: it is for a person.
    var rule: Rule?
}
