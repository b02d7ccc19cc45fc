import ChaosPluginAPI

/// What the observers saw: each database in one snapshot of its own, and the clients' history.
///
/// A pure value: the invariants are predicates over it and nothing else.
struct Observation: Sendable {
    var orders: [Order] = []
    var reservations: [Reservation] = []
    var stock: [Stock] = []
    var payments: [Payment] = []
    var ledger = Ledger()
    /// The card processor's own ledger: the ground truth of who was charged.
    var charges: [Charge] = []
    /// What the processor gave back, in its ledger's order.
    var refunds: [Refund] = []
    /// The commands that orders sent, or is sending.
    var commands: [Command] = []
    /// The way of events; `nil` when the shop has no event side.
    var events: Events?
    /// What clients were told; `nil` when no history was kept.
    var replies: [ClientReply]?

    /// The placements that clients were told had succeeded.
    var acknowledgements: [ClientReply]? {
        replies?.filter { $0.operation == "placement" && $0.kind == .ok && $0.order != nil }
    }

    struct Order: Sendable, Hashable {
        var id: String
        /// The key that the client sent.
        var key: String
        var sku: String
        var quantity: Int64
        var cents: Int64
        var state: String
        var createdAt: String
        /// Why it was cancelled; `nil` when it was not.
        var cancelledFor: String?
        /// The states in the order in which they were entered, each with its time.
        var history: [Moment] = []

        var isConfirmed: Bool { state == "confirmed" }
        var isTerminal: Bool { state == "confirmed" || state == "cancelled" }
    }

    struct Moment: Sendable, Hashable {
        var state: String
        var at: String
    }

    struct Command: Sendable, Hashable {
        var order: String
        /// `reserve`, `charge`, `confirm`, `refund` or `release`.
        var type: String
        var attempts: Int64
        /// Milliseconds from the order's placement to the command's end, or to now.
        var ageMilliseconds: Int64
    }

    struct Reservation: Sendable, Hashable {
        var id: String
        var order: String
        var sku: String
        var quantity: Int64
        /// `held`, `confirmed` or `released`.
        var state: String
        var createdAt: String

        /// Whether its quantity is taken from the stock.
        var isActive: Bool { state != "released" }
    }

    struct Stock: Sendable, Hashable {
        var sku: String
        var opening: Int64
        var available: Int64
    }

    struct Payment: Sendable, Hashable {
        /// The key under which payments charges at the processor.
        var key: String
        var order: String
        var cents: Int64
        /// `pending`, `captured`, `failed`, `refunding` or `refunded`.
        var state: String
        var charge: String?

        var isCaptured: Bool { state == "captured" }
        /// Whether it was captured, whatever became of the money since.
        var wasCaptured: Bool { ["captured", "refunding", "refunded"].contains(state) }
        /// Whether nobody knows yet what became of its charge or of its refund.
        var isOpen: Bool { state == "pending" || state == "refunding" }
    }

    struct Charge: Sendable, Hashable {
        var id: String
        var key: String
        var order: String
        var cents: Int64
        var at: String
    }

    struct Refund: Sendable, Hashable {
        var id: String
        var key: String
        /// The charge's name.
        var charge: String
        var order: String
        var cents: Int64
        var at: String
    }
}
