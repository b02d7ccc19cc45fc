import ChaosModel
import ChaosPluginAPI
import JSON
import Testing

@testable import FaultInvariant

/// One small shop: order `a` confirmed, `b` cancelled, `e` given its money back and cancelled;
/// nothing wrong.
func soundShop() -> Observation {
    var shop = Observation()
    shop.orders = [
        .init(
            id: "a",
            key: "key-a",
            sku: "tea",
            quantity: 2,
            cents: 500,
            state: "confirmed",
            createdAt: "10:00",
            history: history("pending", "reserved", "captured", "confirmed")
        ),
        .init(
            id: "b",
            key: "key-b",
            sku: "tea",
            quantity: 1,
            cents: 250,
            state: "cancelled",
            createdAt: "2026-11-20T10:01:00.000000Z",
            cancelledFor: "card declined",
            history: history("pending", "reserved", "compensating", "cancelled")
        ),
        refundedOrder,
    ]
    shop.reservations = [
        .init(
            id: "r1",
            order: "a",
            sku: "tea",
            quantity: 2,
            state: "confirmed",
            createdAt: "10:00"
        ),
        .init(id: "r2", order: "b", sku: "tea", quantity: 1, state: "released", createdAt: "10:01"),
        .init(id: "r5", order: "e", sku: "tea", quantity: 1, state: "released", createdAt: "10:05"),
    ]
    shop.stock = [.init(sku: "tea", opening: 10, available: 8)]
    shop.payments = [
        .init(key: "pay-a", order: "a", cents: 500, state: "captured", charge: "c1"),
        .init(key: "pay-e", order: "e", cents: 250, state: "refunded", charge: "c5"),
        .init(key: "pay-b", order: "b", cents: 250, state: "failed", charge: nil),
    ]
    shop.ledger = soundLedger
    shop.charges = [
        .init(id: "c1", key: "pay-a", order: "a", cents: 500, at: "10:02"),
        .init(id: "c5", key: "pay-e", order: "e", cents: 250, at: "10:05"),
    ]
    shop.refunds = [
        .init(id: "re5", key: "back-e", charge: "c5", order: "e", cents: 250, at: "10:06")
    ]
    shop.commands = [
        .init(order: "a", type: "charge", attempts: 3, ageMilliseconds: 2000),
        .init(order: "b", type: "release", attempts: 24, ageMilliseconds: 1000),
    ]
    shop.replies = [
        reply("placement", .ok, key: "key-a", order: "a"),
        reply("checkout", .ok, key: "key-a", order: "a"),
        reply("repeat", .ok, key: "key-a", order: "a"),
        reply("altered", .fail, key: "key-a", status: 422),
        reply("placement", .ok, key: "key-b", order: "b"),
        reply("checkout", .fail, key: "key-b", order: "b", detail: "cancelled: card declined"),
        reply("placement", .fail, key: "key-d", status: 400),
    ]
    return shop
}

/// The order whose hold was lost after its charge.
private let refundedOrder = Observation.Order(
    id: "e",
    key: "key-e",
    sku: "tea",
    quantity: 1,
    cents: 250,
    state: "cancelled",
    createdAt: "2026-11-20T10:05:00.000000Z",
    cancelledFor: "the hold was lost after the charge",
    history: history("pending", "reserved", "captured", "refunding", "compensating", "cancelled")
)

/// The books of all payments, of which only those of `a` are in the balances yet.
private let soundLedger: Observation.Ledger = {
    let balances: [Observation.Ledger.Balance] = [
        .init(account: "customers", debits: 500, credits: 0),
        .init(account: "held", debits: 500, credits: 500),
        .init(account: "sales", debits: 0, credits: 500),
    ]
    return .init(
        entries: [
            .init(payment: "pay-a", order: "a", kind: "authorisation", cents: 500),
            .init(payment: "pay-a", order: "a", kind: "capture", cents: 500),
            .init(payment: "pay-e", order: "e", kind: "authorisation", cents: 250),
            .init(payment: "pay-e", order: "e", kind: "capture", cents: 250),
            .init(payment: "pay-e", order: "e", kind: "refund", cents: 250),
            .init(payment: "pay-b", order: "b", kind: "authorisation", cents: 250),
            .init(payment: "pay-b", order: "b", kind: "void", cents: 250),
        ],
        balances: balances,
        sums: balances
    )
}()

/// A second for each state.
func history(_ states: String...) -> [Observation.Moment] {
    states.enumerated().map {
        .init(state: $0.element, at: "2026-11-20T10:01:0\($0.offset).000000Z")
    }
}

func reply(
    _ operation: String,
    _ kind: ClientReply.Kind,
    key: String,
    order: String? = nil,
    status: Int? = nil,
    detail: String? = nil
) -> ClientReply {
    ClientReply(
        operation: operation,
        kind: kind,
        key: key,
        order: order,
        status: status,
        detail: detail,
        at: Timestamp(microseconds: 1)
    )
}

/// The orders of the sound shop as the read model shows them.
private let soundViews: [Observation.Events.View] = [
    .init(
        order: "a",
        customer: "ann",
        sku: "tea",
        quantity: 2,
        cents: 500,
        state: "confirmed",
        version: 4
    ),
    .init(
        order: "b",
        customer: "ann",
        sku: "tea",
        quantity: 1,
        cents: 250,
        state: "cancelled",
        version: 4,
        reason: "card declined"
    ),
    .init(
        order: "e",
        customer: "bob",
        sku: "tea",
        quantity: 1,
        cents: 250,
        state: "cancelled",
        version: 6,
        reason: "the hold was lost after the charge"
    ),
]

/// What happened to the sound shop's orders, by topic.
private let soundPaths: [(topic: String, types: [String: [String]])] = [
    (
        "orders",
        [
            "a": ["order-placed", "order-reserved", "order-captured", "order-confirmed"],
            "b": ["order-placed", "order-reserved", "order-compensating", "order-cancelled"],
            "e": [
                "order-placed", "order-reserved", "order-captured", "order-refunding",
                "order-compensating", "order-cancelled",
            ],
        ]
    ),
    (
        "inventory",
        [
            "a": ["stock-held", "stock-confirmed"], "b": ["stock-held", "stock-released"],
            "e": ["stock-held", "stock-released"],
        ]
    ),
    (
        "payments",
        [
            "a": ["payment-captured"], "b": ["payment-failed"],
            "e": ["payment-captured", "payment-refunded"],
        ]
    ),
]

/// The way of the sound shop's events, from the outbox of each to its effects.
func soundEvents() -> Observation.Events {
    typealias Events = Observation.Events
    var events = Events()
    events.log = .init(
        partitions: [
            .init(topic: "orders", number: 0, end: 8, count: 8, first: 0, last: 7),
            .init(topic: "orders", number: 1, end: 6, count: 6, first: 0, last: 5),
        ],
        trails: soundPaths.flatMap { topic, types in
            types.map { order, types in
                let partition: Int64 = order == "e" ? 1 : 0
                return .init(
                    topic: topic,
                    order: order,
                    types: types,
                    partitions: [partition],
                    repeats: 0
                )
            }
        },
        tenures: [
            .init(topic: "orders", partition: 0, token: 1, first: 0, order: "a", at: "10:00"),
            .init(topic: "orders", partition: 0, token: 2, first: 5, order: "b", at: "10:01"),
        ]
    )
    events.moments = soundPaths.flatMap { _, types in
        types.flatMap { order, types in types.map { .init(order: order, type: $0, count: 1) } }
    }
    events.views = soundViews
    events.totals = [
        .init(customer: "ann", placed: 2, confirmed: 1, cancelled: 1, spentCents: 500),
        .init(customer: "bob", placed: 1, cancelled: 1),
    ]
    events.dashboard = [
        .init(type: "order-placed", events: 3), .init(type: "payment-captured", events: 2),
    ]
    events.notifications = [
        .init(order: "a", outcome: "confirmed", at: "10:02"),
        .init(order: "b", outcome: "cancelled", at: "10:03"),
        .init(order: "e", outcome: "cancelled", at: "10:07"),
    ]
    events.deadLetters = [
        .init(
            consumer: "projector",
            order: "a",
            type: "order-reserved",
            tries: 5,
            reason: "malformed",
            isReplayed: true
        )
    ]
    events.positions = [
        .init(consumer: "projector", topic: "orders", partition: 0, next: 8),
        .init(consumer: "projector", topic: "orders", partition: 1, next: 6),
    ]
    return events
}

/// What is done to the sound shop, and which invariants that must break (all others hold).
struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var breaks: Set<String>
    var reason: String
    var apply: @Sendable (inout Observation) -> Void

    init(
        _ name: String,
        breaks: Set<String>,
        reason: String,
        _ apply: @escaping @Sendable (inout Observation) -> Void
    ) {
        testDescription = name
        self.breaks = breaks
        self.reason = reason
        self.apply = apply
    }
}
