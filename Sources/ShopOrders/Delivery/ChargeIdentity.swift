import ShopCore

/// The names under which payments and the processor know a charge.
struct ChargeIdentity: Sendable, Equatable {
    var idempotencyKey: String
    var messageID: String

    /// The order's own: the same at every attempt, whatever became of the earlier ones.
    init(of command: OutboxCommand) {
        idempotencyKey = Self.key(order: command.orderID)
        messageID = command.messageID
    }

    static func key(order: String) -> String { "order-\(order)" }

    /// The mutant's: as if every attempt were the first (`Mutant.retryWithoutKey`).
    static func forgetful(of command: OutboxCommand) -> ChargeIdentity {
        var identity = ChargeIdentity(of: command)
        identity.idempotencyKey += "-\(UUIDText.random())"
        identity.messageID = UUIDText.random()
        return identity
    }
}
