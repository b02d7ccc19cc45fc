import JSON
import ShopCore

/// What each service says of one order; a value.
struct OrderFacts: Sendable, Equatable {
    var id: String
    /// Orders' own row; `nil` when orders do not know it.
    var order: Order?
    var payments: [Payment] = []
    var reservations: [Reservation] = []
    /// The processor's charges.
    var charges: [Charge] = []
    /// The read model's row.
    var view: View?

    init(id: String) {
        self.id = id
    }

    struct Order: Sendable, Equatable {
        var state: String
        var version: Int64
        var amountCents: Int64
        var sku: String
        var quantity: Int64
        /// For how long it has not moved, in milliseconds.
        var stillMilliseconds: Int64
        /// The row as it was told, for the read model.
        var row: JSONValue

        /// Whether nothing happens to it any more.
        var isOver: Bool { OrderState(rawValue: state)?.isFinal ?? false }
    }

    struct Payment: Sendable, Equatable {
        var key: String
        var state: String
        var amountCents: Int64

        /// Whether what became of its charge or of its refund is not known yet.
        var isOpen: Bool { state == "pending" || state == "refunding" }
    }

    struct Reservation: Sendable, Equatable {
        var state: String
        var sku: String
        var quantity: Int64
    }

    struct Charge: Sendable, Equatable {
        var key: String
        var amountCents: Int64
        /// What was given back of it.
        var refundedCents: Int64 = 0

        /// Whether the customer's money is not all back.
        var isKept: Bool { refundedCents < amountCents }
    }

    struct View: Sendable, Equatable {
        var state: String
        var version: Int64
    }
}

extension OrderFacts {
    /// Takes a row of a service's statement; what is no row is left out.
    mutating func take(_ row: JSONValue, of source: StatementSource) {
        func text(_ name: String) -> String { row[name]?.stringValue ?? "" }
        func number(_ name: String) -> Int64 { row[name]?.integerValue ?? 0 }
        switch source {
        case .orders:
            order = Order(
                state: text("state"),
                version: number("version"),
                amountCents: number("amount_cents"),
                sku: text("sku"),
                quantity: number("quantity"),
                stillMilliseconds: number("still_ms"),
                row: row
            )
        case .payments:
            payments.append(
                Payment(
                    key: text("key"),
                    state: text("state"),
                    amountCents: number("amount_cents")
                )
            )
        case .inventory:
            reservations.append(
                Reservation(
                    state: text("state"),
                    sku: text("sku"),
                    quantity: number("quantity")
                )
            )
        case .processor:
            charges.append(
                Charge(
                    key: text("key"),
                    amountCents: number("amount_cents"),
                    refundedCents: number("refunded_cents")
                )
            )
        case .projector:
            view = View(state: text("state"), version: number("version"))
        }
    }
}
