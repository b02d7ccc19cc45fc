/// Where an order is on its way.
///
/// ```
/// pending ─▶ reserved ─▶ captured ─▶ confirmed
///    │          │           └─▶ refunding
///    └──────────┴─▶ compensating ◀─┘
///                        └─▶ cancelled
/// ```
/// `failed` is reached by a person's decision only: the saga has ended, and somebody settles the
/// rest by hand.
package enum OrderState: String, CaseIterable, Sendable {
    case pending, reserved, captured, confirmed, refunding, compensating, cancelled, failed

    /// Whether nothing happens to the order any more.
    package var isFinal: Bool { [.confirmed, .cancelled, .failed].contains(self) }
}

/// What orders tells another service to do; the `type` of an outbox row.
package enum SagaCommand: String, CaseIterable, Sendable {
    /// Hold the stock (inventory).
    case reserve
    /// Take the money (payments).
    case charge
    /// Turn the hold into a sale (inventory).
    case confirm
    /// Give the money back (payments).
    case refund
    /// Give the stock back (inventory); harmless when nothing is held.
    case release

    /// Whether payments carry it out; the others are inventory's.
    package var isForPayments: Bool { self == .charge || self == .refund }
}
