import ChaosModel
import ChaosPluginAPI
import JSON
import Testing

@testable import FaultInvariant

/// One small shop: order `a` confirmed, `b` cancelled, nothing wrong.
private func soundShop() -> Observation {
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
            history: history("pending", "reserved", "charged", "confirmed")
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
    ]
    shop.stock = [.init(sku: "tea", opening: 10, available: 8)]
    shop.payments = [
        .init(key: "pay-a", order: "a", cents: 500, state: "captured", charge: "c1"),
        .init(key: "pay-b", order: "b", cents: 250, state: "failed", charge: nil),
    ]
    shop.charges = [.init(id: "c1", key: "pay-a", order: "a", cents: 500, at: "10:02")]
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

/// A second for each state.
private func history(_ states: String...) -> [Observation.Moment] {
    states.enumerated().map {
        .init(state: $0.element, at: "2026-11-20T10:01:0\($0.offset).000000Z")
    }
}

private func reply(
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

private let secondCharge = Observation.Charge(
    id: "c2",
    key: "pay-a-again",
    order: "a",
    cents: 500,
    at: "10:03"
)

/// What is done to the sound shop, and which invariants that must break (all others hold).
private struct Damage: CustomTestStringConvertible, Sendable {
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

private let doubleCharge: Set<String> = [
    "no-double-charge-per-order", "no-double-charge-per-key", "money-conserved",
    "confirmed-is-charged",
]

private let damages: [Damage] = [
    Damage("a second charge", breaks: doubleCharge, reason: "charged 2 times") {
        $0.charges.append(secondCharge)
    },
    Damage(
        "two orders for one key, both charged",
        breaks: [
            "no-double-charge-per-key", "no-charge-without-order", "money-conserved",
            "one-order-per-key", "acknowledged-order-exists",
        ],
        reason: "2 charges for one key"
    ) {
        $0.orders[1].key = "key-a"
        $0.charges.append(.init(id: "c3", key: "pay-b", order: "b", cents: 250, at: "10:04"))
    },
    Damage(
        "confirmed without a capture",
        breaks: [
            "confirmed-has-one-capture-and-reservation", "money-conserved", "no-payment-left-open",
        ],
        reason: "0 captured payments"
    ) { $0.payments[0].state = "pending" },
    Damage(
        "confirmed with two reservations",
        breaks: [
            "confirmed-has-one-capture-and-reservation", "stock-conserved", "goods-settled",
            "no-double-reservation",
        ],
        reason: "2 reservations in force"
    ) {
        $0.reservations.append(
            .init(id: "r3", order: "a", sku: "tea", quantity: 2, state: "held", createdAt: "1")
        )
        $0.stock[0].available = 6
    },
    Damage(
        "reserved too little",
        breaks: ["confirmed-has-one-capture-and-reservation"],
        reason: "reserved another quantity than ordered"
    ) { $0.reservations[0].quantity = 1 },
    Damage(
        "captured another amount",
        breaks: ["confirmed-has-one-capture-and-reservation", "money-conserved"],
        reason: "captured another amount than was ordered"
    ) { $0.payments[0].cents = 499 },
    Damage(
        "a charge for nobody's order",
        breaks: ["no-charge-without-order", "money-conserved"],
        reason: "charged, but no such order was placed"
    ) { $0.charges.append(.init(id: "c9", key: "k", order: "ghost", cents: 1, at: "9")) },
    Damage(
        "a charge for a cancelled order",
        breaks: ["no-charge-without-order", "money-conserved"],
        reason: "charged, but the order is cancelled"
    ) { $0.charges.append(.init(id: "c9", key: "k", order: "b", cents: 250, at: "9")) },
    Damage(
        "a capture without a charge",
        breaks: ["money-conserved", "confirmed-is-charged"],
        reason: "captured without a charge"
    ) { $0.charges = [] },
    Damage("oversold", breaks: ["stock-never-negative", "stock-conserved"], reason: "sold more") {
        $0.stock[0].available = -1
    },
    Damage("stock lost", breaks: ["stock-conserved"], reason: "7 available where 8 are expected") {
        $0.stock[0].available = 7
    },
    Damage(
        "a cancelled order keeps its hold",
        breaks: ["stock-conserved", "goods-settled"],
        reason: "cancelled, but its goods are held"
    ) {
        $0.reservations[1].state = "held"
        $0.stock[0].available = 7
    },
    Damage("a stuck saga", breaks: ["saga-terminal"], reason: "still charged") {
        $0.orders.append(
            .init(
                id: "c",
                key: "key-c",
                sku: "tea",
                quantity: 1,
                cents: 250,
                state: "charged",
                createdAt: "10:05",
                history: history("pending", "reserved", "charged")
            )
        )
        $0.reservations.append(
            .init(id: "r4", order: "c", sku: "tea", quantity: 1, state: "held", createdAt: "10:05")
        )
        $0.stock[0].available = 7
    },
    Damage(
        "an acknowledged order is gone",
        breaks: ["acknowledged-order-exists"],
        reason: "acknowledged, but gone"
    ) {
        $0.replies?.append(reply("placement", .ok, key: "k", order: "lost"))
    },
    Damage(
        "an acknowledged order stands under another key",
        breaks: ["acknowledged-order-exists"],
        reason: "stands under another key"
    ) { $0.replies?[0].key = "other" },
    Damage(
        "charged for goods that nobody holds",
        breaks: [
            "no-charge-without-reservation", "confirmed-has-one-capture-and-reservation",
        ],
        reason: "charged, but no goods are held"
    ) { $0.reservations[0].state = "released" },
    Damage(
        "charged less than ordered",
        breaks: ["confirmed-is-charged", "money-conserved"],
        reason: "ordered for 500 cents, charged 499"
    ) { $0.charges[0].cents = 499 },
    Damage("a dangling payment", breaks: ["no-payment-left-open"], reason: "its payment is still") {
        $0.payments.append(.init(key: "p", order: "b", cents: 250, state: "pending", charge: nil))
    },
    Damage("a sale not reported", breaks: ["goods-settled"], reason: "confirmed, but its goods") {
        $0.reservations[0].state = "held"
    },
    Damage("two orders for one key", breaks: ["one-order-per-key"], reason: "2 orders for one key")
    {
        $0.orders[1].key = "key-a"
        $0.replies?.removeAll { $0.key == "key-b" }
    },
    Damage(
        "a resurrected order",
        breaks: ["legal-transitions"],
        reason: "went from confirmed to charged"
    ) {
        $0.orders[0].history = history(
            "pending",
            "reserved",
            "charged",
            "confirmed",
            "charged",
            "confirmed"
        )
    },
    Damage(
        "a state that the history lacks",
        breaks: ["legal-transitions"],
        reason: "is confirmed, its history ends with charged"
    ) { $0.orders[0].history.removeLast() },
    Damage(
        "declined by nobody",
        breaks: ["cancelled-for-a-reason"],
        reason: "cancelled as declined, but no payment of it failed"
    ) { $0.payments.removeLast() },
    Damage(
        "expired in its youth",
        breaks: ["cancelled-for-a-reason"],
        reason: "expired 2000 ms after it was placed"
    ) { $0.orders[1].cancelledFor = "expired before the charge" },
    Damage("a retry storm", breaks: ["attempts-bounded"], reason: "25 attempts to release") {
        $0.commands[1].attempts = 25
    },
    Damage("another answer", breaks: ["same-key-same-answer"], reason: "one key, several orders") {
        $0.replies?[2].order = "ghost"
    },
    Damage("a key reused", breaks: ["key-reuse-refused"], reason: "another order was accepted") {
        $0.replies?[3] = reply("altered", .ok, key: "key-a", order: "a", status: 202)
    },
    Damage(
        "told confirmed, was cancelled",
        breaks: ["told-outcome-stands"],
        reason: "the client was told confirmed"
    ) { $0.replies?[5] = reply("checkout", .ok, key: "key-b", order: "b") },
    Damage(
        "refused, but placed",
        breaks: ["refused-left-no-effect"],
        reason: "refused with 400, but placed"
    ) { $0.replies?[6].key = "key-b" },
]

@Suite struct InvariantTableTests {
    @Test(arguments: allInvariants.map(\.name))
    func `an invariant holds in a sound shop and looked at something`(name: String) throws {
        let invariant = try #require(allInvariants.first { $0.name == name })
        let finding = try #require(invariant.check(ObservationIndex(soundShop())))
        #expect(finding.witnesses.isEmpty)
        #expect(finding.checked > 0)
    }

    @Test(arguments: allInvariants.map(\.name))
    func `an invariant holds in an empty shop`(name: String) throws {
        let invariant = try #require(allInvariants.first { $0.name == name })
        var empty = Observation()
        empty.replies = []
        #expect(invariant.check(ObservationIndex(empty)) == .init(checked: 0))
    }

    @Test(arguments: damages)
    private func `each damage breaks exactly the invariants that name it`(damage: Damage) {
        var shop = soundShop()
        damage.apply(&shop)
        let index = ObservationIndex(shop)
        let broken = allInvariants.filter { $0.check(index)?.holds == false }
        #expect(Set(broken.map(\.name)) == damage.breaks)
        let reasons = broken.flatMap { $0.check(index)?.witnesses ?? [] }
            .compactMap { $0["reason"]?.stringValue }
        #expect(reasons.contains { $0.hasPrefix(damage.reason) })
    }

    @Test func `every invariant is broken by some damage`() {
        let covered = damages.reduce(into: Set<String>()) { $0.formUnion($1.breaks) }
        #expect(covered == Set(allInvariants.map(\.name)))
    }

    @Test func `a double charge's witness tells the whole story`() throws {
        var shop = soundShop()
        shop.charges.append(secondCharge)
        let finding = try #require(Invariant.noDoubleChargePerOrder.check(ObservationIndex(shop)))
        let witness = try #require(finding.witnesses.first)
        #expect(witness["order"] == "a")
        #expect(witness["charges"] == ["c1", "c2"])
        #expect(witness["keys"] == ["key-a", "pay-a", "pay-a-again"])
        #expect(witness["amounts_cents"] == [500, 500])
        #expect(witness["times"] == ["10:02", "10:03"])
    }

    @Test func `without a history the acknowledged orders are not judged`() {
        var shop = soundShop()
        shop.replies = nil
        #expect(Invariant.acknowledgedOrderExists.check(ObservationIndex(shop)) == nil)
    }
}
