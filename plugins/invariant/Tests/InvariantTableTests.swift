import ChaosModel
import ChaosPluginAPI
import JSON
import Testing

@testable import FaultInvariant

private let secondCharge = Observation.Charge(
    id: "c2",
    key: "pay-a-again",
    order: "a",
    cents: 500,
    at: "10:03"
)

private let secondRefund = Observation.Refund(
    id: "re6",
    key: "back-e-again",
    charge: "c5",
    order: "e",
    cents: 250,
    at: "10:07"
)

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
            "ledger-matches-payments",
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
        breaks: [
            "confirmed-has-one-capture-and-reservation", "money-conserved",
            "ledger-matches-payments",
        ],
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
    ) { $0.charges.removeFirst() },
    Damage(
        "given back twice",
        breaks: ["no-double-refund", "refund-within-charge", "money-conserved"],
        reason: "given back 2 times"
    ) { $0.refunds.append(secondRefund) },
    Damage(
        "given back in two parts",
        breaks: ["no-double-refund"],
        reason: "given back 2 times"
    ) {
        $0.refunds.append(secondRefund)
        $0.refunds[0].cents = 100
        $0.refunds[1].cents = 150
    },
    Damage(
        "given back more than was charged",
        breaks: ["refund-within-charge", "money-conserved"],
        reason: "charged 250 cents, given back 251"
    ) { $0.refunds[0].cents = 251 },
    Damage(
        "given back of nothing",
        breaks: ["refund-within-charge"],
        reason: "7 cents given back of no charge of it"
    ) {
        $0.refunds.append(.init(id: "r", key: "k", charge: "c8", order: "b", cents: 7, at: "9"))
    },
    Damage(
        "given back after the confirmation",
        breaks: ["confirmed-is-charged", "money-conserved"],
        reason: "its payment is captured, given back were 500 cents"
    ) {
        $0.refunds.append(.init(id: "r", key: "k", charge: "c1", order: "a", cents: 500, at: "9"))
    },
    Damage(
        "money that nobody gave back",
        breaks: ["no-charge-without-order"],
        reason: "charged, but the order is cancelled"
    ) {
        $0.refunds = []
        $0.payments[1].state = "captured"
        $0.ledger.entries.remove(at: 4)
    },
    Damage(
        "a refund left open",
        breaks: ["no-payment-left-open"],
        reason: "its payment is still refunding"
    ) {
        $0.payments[1].state = "refunding"
        $0.ledger.entries.remove(at: 4)
    },
    Damage(
        "an order on its way to a refund",
        breaks: ["saga-terminal"],
        reason: "still refunding"
    ) {
        $0.orders[2].state = "refunding"
        $0.orders[2].history.removeLast(2)
        $0.payments[1].state = "captured"
        $0.refunds = []
        $0.ledger.entries.remove(at: 4)
    },
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
    Damage("a stuck saga", breaks: ["saga-terminal"], reason: "still captured") {
        $0.orders.append(
            .init(
                id: "c",
                key: "key-c",
                sku: "tea",
                quantity: 1,
                cents: 250,
                state: "captured",
                createdAt: "10:05",
                history: history("pending", "reserved", "captured")
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
        $0.ledger.entries.append(
            .init(payment: "p", order: "b", kind: "authorisation", cents: 250)
        )
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
        reason: "went from confirmed to captured"
    ) {
        $0.orders[0].history = history(
            "pending",
            "reserved",
            "captured",
            "confirmed",
            "captured",
            "confirmed"
        )
    },
    Damage(
        "a state that the history lacks",
        breaks: ["legal-transitions"],
        reason: "is confirmed, its history ends with captured"
    ) { $0.orders[0].history.removeLast() },
    Damage(
        "declined by nobody",
        breaks: ["cancelled-for-a-reason"],
        reason: "cancelled as declined, but no payment of it failed"
    ) {
        $0.payments.removeLast()
        $0.ledger.entries.removeLast(2)
    },
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
    Damage(
        "held money that nobody let go",
        breaks: ["ledger-matches-payments"],
        reason: "its payment is failed, the books have: authorisation"
    ) { $0.ledger.entries.removeLast() },
    Damage(
        "entered with another amount",
        breaks: ["ledger-matches-payments"],
        reason: "its payment is of 500 cents, the books' capture 499"
    ) { $0.ledger.entries[1].cents = 499 },
    Damage(
        "an entry of no payment",
        breaks: ["ledger-matches-payments"],
        reason: "the books have entries of no payment: ghost"
    ) {
        $0.ledger.entries.append(
            .init(payment: "ghost", order: "a", kind: "authorisation", cents: 1)
        )
    },
    Damage(
        "a balance that lacks an entry",
        breaks: ["balances-match-ledger"],
        reason: "sales is at 0 debits and 400 credits, its entries say 0 debits and 500 credits"
    ) { $0.ledger.balances[2].credits = 400 },
    Damage(
        "debits that are not the credits",
        breaks: ["balances-match-ledger"],
        reason: "debits are 1000, credits 1001 cents"
    ) {
        $0.ledger.balances[2].credits = 501
        $0.ledger.sums[2].credits = 501
    },
]

@Suite struct InvariantTableTests {
    @Test(arguments: allInvariants.map(\.name))
    func `an invariant holds in a sound shop and looked at something`(name: String) throws {
        let invariant = try #require(allInvariants.first { $0.name == name })
        var shop = soundShop()
        shop.events = soundEvents()
        let finding = try #require(invariant.check(ObservationIndex(shop)))
        #expect(finding.witnesses.isEmpty)
        #expect(finding.checked > 0)
    }

    @Test(arguments: allInvariants.map(\.name))
    func `an invariant holds in an empty shop`(name: String) throws {
        let invariant = try #require(allInvariants.first { $0.name == name })
        var empty = Observation()
        empty.replies = []
        empty.events = .init(log: .init())
        #expect(invariant.check(ObservationIndex(empty)) == .init(checked: 0))
    }

    @Test(arguments: damages)
    func `each damage breaks exactly the invariants that name it`(damage: Damage) {
        expect(damage, of: soundShop())
    }

    @Test(arguments: eventDamages)
    func `each damage to events breaks exactly the invariants that name it`(damage: Damage) {
        var shop = soundShop()
        shop.events = soundEvents()
        expect(damage, of: shop)
    }

    private func expect(_ damage: Damage, of soundShop: Observation) {
        var shop = soundShop
        damage.apply(&shop)
        let index = ObservationIndex(shop)
        let broken = allInvariants.filter { $0.check(index)?.holds == false }
        #expect(Set(broken.map(\.name)) == damage.breaks)
        let reasons = broken.flatMap { $0.check(index)?.witnesses ?? [] }
            .compactMap { $0["reason"]?.stringValue }
        #expect(reasons.contains { $0.hasPrefix(damage.reason) })
    }

    @Test func `every invariant is broken by some damage`() {
        let covered = (damages + eventDamages).reduce(into: Set<String>()) {
            $0.formUnion($1.breaks)
        }
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
