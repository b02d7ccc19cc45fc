import JSON
import Testing

@testable import ShopReconciler

/// What is different between services' statements, and what may be done about it: the values.
struct ComparisonTests {
    private static let comparison = Comparison(pace: ReconcilerPace(), isModelFresh: true)

    /// An order of which every service tells the same.
    private static func facts(
        _ state: String = "confirmed",
        change: (inout OrderFacts) -> Void = { _ in }
    ) -> OrderFacts {
        var facts = OrderFacts(id: "a")
        facts.take(
            [
                "order": "a", "state": .string(state), "version": 4, "amount_cents": 100,
                "sku": "sku-01", "quantity": 2, "still_ms": 120_000,
            ],
            of: .orders
        )
        if state == "confirmed" {
            facts.payments = [.init(key: "order-a", state: "captured", amountCents: 100)]
            facts.charges = [.init(key: "order-a", amountCents: 100)]
            facts.reservations = [.init(state: "confirmed", sku: "sku-01", quantity: 2)]
        } else {
            facts.payments = [.init(key: "order-a", state: "failed", amountCents: 100)]
            facts.reservations = [.init(state: "released", sku: "sku-01", quantity: 2)]
        }
        facts.view = .init(state: state, version: 4)
        change(&facts)
        return facts
    }

    private static func kinds(_ facts: OrderFacts) -> [Finding.Kind] {
        comparison.findings(of: facts).map(\.kind)
    }

    @Test(arguments: ["confirmed", "cancelled", "failed"])
    func `where all tell the same there is nothing`(state: String) {
        #expect(Self.kinds(Self.facts(state)).isEmpty)
        #expect(!Self.comparison.isOpen(Self.facts(state)))
    }

    @Test func `what may be mended has a rule`() {
        func rules(_ facts: OrderFacts) -> [Finding.Rule?] {
            Self.comparison.findings(of: facts).map(\.rule)
        }
        let held = OrderFacts.Reservation(state: "held", sku: "sku-01", quantity: 2)
        #expect(rules(Self.facts { $0.reservations = [held] }) == [.confirmHold])
        #expect(rules(Self.facts("cancelled") { $0.reservations = [held] }) == [.releaseHold])
        // A person has taken this one out of the saga.
        #expect(rules(Self.facts("failed") { $0.reservations = [held] }) == [nil])
        #expect(rules(Self.facts { $0.view = nil }) == [.rewriteView])
        #expect(rules(Self.facts { $0.view?.version = 3 }) == [.rewriteView])
        #expect(
            rules(Self.facts("cancelled") { $0.payments[0].state = "pending" })
                == [.askProcessor(key: "order-a")]
        )
    }

    @Test func `money that differs is for a person`() {
        func found(_ state: String = "confirmed", _ change: (inout OrderFacts) -> Void) -> [Finding]
        {
            Self.comparison.findings(of: Self.facts(state, change: change))
        }
        let cases: [([Finding], [Finding.Kind])] = [
            (found { $0.payments = [] }, [.notCharged, .chargeNotBooked]),
            (found { $0.charges = [] }, [.captureWithoutCharge]),
            (found { $0.payments[0].amountCents = 99 }, [.amountsDiffer]),
            (found { $0.charges[0].amountCents = 99 }, [.amountsDiffer]),
            (
                found { $0.charges.append(.init(key: "other", amountCents: 100)) },
                [.chargedTwice, .chargeNotBooked]
            ),
            (
                found("cancelled") { $0.charges = [.init(key: "order-a", amountCents: 100)] },
                [.chargeNotBooked]
            ),
            (
                found("failed") {
                    $0.payments[0].state = "captured"
                    $0.charges = [.init(key: "order-a", amountCents: 100)]
                },
                [.chargedThoughEnded]
            ),
            (
                found("cancelled") {
                    $0.payments[0].state = "refunded"
                    $0.charges = [.init(key: "order-a", amountCents: 100, refundedCents: 99)]
                },
                [.refundDiffers]
            ),
            (found { $0.charges[0].refundedCents = 100 }, [.refundDiffers]),
        ]
        for (findings, kinds) in cases {
            #expect(findings.map(\.kind) == kinds)
            #expect(findings.allSatisfy { $0.rule == nil })
        }
    }

    @Test func `an order whose money was given back is in order, and one that waits for it is not`()
    {
        func refunded(_ state: String) -> OrderFacts {
            Self.facts("cancelled") {
                $0.payments[0].state = state
                $0.charges = [.init(key: "order-a", amountCents: 100, refundedCents: 100)]
            }
        }
        #expect(Self.kinds(refunded("refunded")).isEmpty)
        let open = Self.comparison.findings(of: refunded("refunding"))
        #expect(open.map(\.kind) == [.outcomeUnknown])
        #expect(open.map(\.rule) == [.askProcessor(key: "order-a")])
    }

    @Test func `stock that differs is for a person`() {
        #expect(Self.kinds(Self.facts { $0.reservations = [] }) == [.stockMissing])
        #expect(Self.kinds(Self.facts { $0.reservations[0].quantity = 3 }) == [.stockDiffers])
        #expect(
            Self.kinds(Self.facts { $0.reservations.append($0.reservations[0]) })
                == [.stockDiffers]
        )
        #expect(
            Self.kinds(Self.facts("cancelled") { $0.reservations[0].state = "confirmed" })
                == [.stockDiffers]
        )
    }

    @Test func `an order on its way proves nothing, until it has not moved for minutes`() {
        func onItsWay(_ milliseconds: Int64) -> OrderFacts {
            Self.facts {
                $0.order?.state = "reserved"
                $0.order?.stillMilliseconds = milliseconds
                $0.payments = []
            }
        }
        #expect(Self.kinds(onItsWay(200_000)).isEmpty)
        #expect(Self.comparison.isOpen(onItsWay(200_000)))
        #expect(Self.kinds(onItsWay(300_000)) == [.orderStuck])
        let young = Self.facts {
            $0.order?.stillMilliseconds = 9_999
            $0.payments = []
        }
        #expect(Self.kinds(young).isEmpty)
        #expect(Self.comparison.isOpen(young))
    }

    @Test func `a read model that may be late says nothing`() {
        let late = Comparison(pace: ReconcilerPace(), isModelFresh: false)
        let facts = Self.facts { $0.view = nil }
        #expect(late.findings(of: facts).isEmpty)
        #expect(!late.isOpen(facts))
        #expect(late.undecided == [.modelDiffers])
    }

    @Test func `an order that orders do not know is told with those who do`() throws {
        var facts = OrderFacts(id: "a")
        #expect(Self.kinds(facts).isEmpty)
        facts.charges = [.init(key: "k", amountCents: 1)]
        let finding = try #require(Self.comparison.findings(of: facts).first)
        #expect(finding.kind == .orderMissing)
        #expect(finding.detail == "Orders do not know it. Known to: the processor.")
    }
}

/// Pages of several statements, put together.
struct StatementWindowTests {
    private static func page(_ ids: [String], isFull: Bool = false) -> StatementWindow.Page {
        StatementWindow.Page(rows: ids.map { ["order": .string($0)] }, isFull: isFull)
    }

    @Test func `pages that are whole are one window up to its end`() {
        let window = StatementWindow(
            [.orders: Self.page(["a", "c"]), .payments: Self.page(["b", "c", "c"])],
            until: "z"
        )
        #expect(window.end == "z")
        #expect(!window.isFull)
        #expect(window.orders.map(\.id) == ["a", "b", "c"])
        #expect(window.orders[1].order == nil)
        #expect(window.orders[2].payments.count == 2)
    }

    @Test func `the window ends where the first page is cut off, before its last order`() {
        let window = StatementWindow(
            [
                .orders: Self.page(["a", "b", "c", "d"], isFull: true),
                .payments: Self.page(["a", "b", "b"], isFull: true),
                .inventory: Self.page(["a", "b"]),
            ],
            until: "z"
        )
        #expect(window.end == "a")
        #expect(window.isFull)
        #expect(window.orders.map(\.id) == ["a"])
    }

    @Test func `a page of nothing but one order is taken as it is, so that there is an end`() {
        let window = StatementWindow(
            [.processor: Self.page(["b", "b"], isFull: true), .orders: Self.page(["a", "b"])],
            until: "z"
        )
        #expect(window.end == "b")
        #expect(window.orders.map(\.id) == ["a", "b"])
    }
}
