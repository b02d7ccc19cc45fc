import Testing

@testable import ShopCore

struct OrderSagaTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var from: OrderState
        var event: OrderSaga.Event
        var decision: OrderSaga.Decision
        var testDescription: String { "\(from) + \(event)" }

        init(_ from: OrderState, _ event: OrderSaga.Event, _ decision: OrderSaga.Decision) {
            self.from = from
            self.event = event
            self.decision = decision
        }
    }

    static let advances: [Row] = [
        Row(.pending, .held, .advance(to: .reserved, next: .charge, reason: nil)),
        Row(
            .pending,
            .notHeld,
            .advance(to: .compensating, next: .release, reason: "out of stock")
        ),
        Row(
            .pending,
            .expired,
            .advance(to: .compensating, next: .release, reason: "expired before the charge")
        ),
        Row(.reserved, .captured, .advance(to: .captured, next: .confirm, reason: nil)),
        Row(
            .reserved,
            .declined,
            .advance(to: .compensating, next: .release, reason: "card declined")
        ),
        Row(
            .reserved,
            .voided,
            .advance(
                to: .compensating,
                next: .release,
                reason: "the hold was lost before the charge"
            )
        ),
        Row(.captured, .saleConfirmed, .advance(to: .confirmed, next: nil, reason: nil)),
        Row(
            .captured,
            .notHeld,
            .advance(to: .refunding, next: .refund, reason: "the hold was lost after the charge")
        ),
        Row(.refunding, .refunded, .advance(to: .compensating, next: .release, reason: nil)),
        Row(.compensating, .holdReleased, .advance(to: .cancelled, next: nil, reason: nil)),
    ]

    @Test(arguments: advances)
    func `an answer advances the order`(row: Row) {
        var saga = OrderSaga(state: row.from)
        #expect(saga.handle(row.event) == row.decision)
        if case .advance(let to, _, _) = row.decision { #expect(saga.state == to) }
    }

    @Test func `no other pair of state and event moves an order`() {
        for state in OrderState.allCases {
            for event in OrderSaga.Event.allCases {
                let isListed = Self.advances.contains { $0.from == state && $0.event == event }
                var saga = OrderSaga(state: state)
                let decision = saga.handle(event)
                if !isListed {
                    #expect(saga.state == state, "\(state) + \(event)")
                    #expect(decision == .alreadyDone || decision == .keepTrying)
                }
            }
        }
    }

    @Test func `an order that may be charged is not given up, and one that is gets its money back`()
    {
        for state in [OrderState.reserved, .captured, .refunding] {
            var saga = OrderSaga(state: state)
            #expect(saga.handle(.expired) == .keepTrying)
        }
        var unsure = OrderSaga(state: .reserved)
        #expect(unsure.handle(.notHeld) == .keepTrying)
        var refunding = OrderSaga(state: .refunding)
        #expect(refunding.handle(.holdReleased) == .keepTrying)
    }

    @Test func `an answer that comes twice changes nothing the second time`() {
        for row in Self.advances where row.event != .expired {
            var saga = OrderSaga(state: row.from)
            _ = saga.handle(row.event)
            let state = saga.state
            #expect(saga.handle(row.event) == .alreadyDone, "\(row.testDescription)")
            #expect(saga.state == state)
        }
    }

    /// What the other services did, seen by a walk that delivers answers late, twice and out of
    /// order.
    struct World {
        var isCaptured = false
        var wasChargeSent = false
        var isHeld = false
        var isRefunded = false
        var isSold = false

        mutating func answer(to command: SagaCommand, roll: Int) -> OrderSaga.Event? {
            if roll % 4 == 0 { return nil }
            switch command {
            case .reserve:
                if roll % 7 == 1 && !isHeld { return .notHeld }
                isHeld = true
                return .held
            case .charge:
                wasChargeSent = true
                if roll % 5 == 1 && !isCaptured { return .declined }
                if roll % 7 == 3 && !isCaptured { return .voided }
                isCaptured = true
                return .captured
            case .confirm:
                // The hold may be lost before the sale, never afterwards.
                if roll % 5 == 2 && !isSold { isHeld = false }
                guard isHeld else { return .notHeld }
                isSold = true
                return .saleConfirmed
            case .refund:
                isRefunded = true
                return .refunded
            case .release:
                isHeld = false
                return .holdReleased
            }
        }
    }

    @Test(arguments: 0..<200)
    func `a random walk cancels no order before its money is back, and always ends`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var world = World()
        var saga = OrderSaga()
        var command: SagaCommand? = .reserve
        var heard: [OrderSaga.Event] = []
        var steps = 0
        while !saga.state.isFinal {
            steps += 1
            guard steps < 1000 else {
                Issue.record("the walk of seed \(seed) does not end in \(saga.state)")
                return
            }
            let roll = Int.random(in: 0..<1000, using: &random)
            let isDuplicate = roll % 3 == 0 && !heard.isEmpty
            let isExpiry = roll % 11 == 0
            let event: OrderSaga.Event? =
                isExpiry
                ? .expired
                : isDuplicate
                    ? heard.randomElement(using: &random)
                    : command.flatMap { world.answer(to: $0, roll: roll) }
            guard let event else { continue }
            if !isExpiry { heard.append(event) }
            if case .advance(_, let next, _) = saga.handle(event) { command = next }
            check(saga, world, command)
        }
    }

    private func check(_ saga: OrderSaga, _ world: World, _ command: SagaCommand?) {
        let isPaid = world.isCaptured && !world.isRefunded
        if isPaid { #expect(saga.state != .cancelled && saga.state != .compensating) }
        if saga.state == .confirmed { #expect(isPaid && world.isHeld) }
        if saga.state == .cancelled { #expect(!isPaid && !world.isHeld) }
        #expect((command == nil) == saga.state.isFinal)
        if let command { #expect(OrderSaga.state(awaiting: command) == saga.state) }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): every seed a different, repeatable sequence.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
