/// Where an order is on its way.
///
/// ```
/// pending ─▶ reserved ─▶ captured ─▶ confirmed
///    └──────────┴─▶ compensating ─▶ cancelled
/// ```
/// `failed` is reached by a person's decision only: the saga has ended, and somebody settles the
/// rest by hand.
package enum OrderState: String, CaseIterable, Sendable {
    case pending, reserved, captured, confirmed, compensating, cancelled, failed

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
    /// Give the stock back (inventory); harmless when nothing is held.
    case release
}
