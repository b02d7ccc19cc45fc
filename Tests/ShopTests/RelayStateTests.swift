import ShopCore
import Testing

@testable import ShopOrders

/// What a relay holds, as a value.
struct RelayStateTests {
    private static func command(_ sequence: Int64, _ type: SagaCommand = .reserve) -> OutboxCommand
    {
        OutboxCommand(
            sequence: sequence,
            messageID: "m-\(sequence)",
            orderID: "o-\(sequence)",
            type: type,
            order: TestShop.order,
            attempts: 1,
            age: .zero
        )
    }

    @Test func `a command taken twice is delivered once`() {
        var state = RelayState()
        state.take(Self.command(1), now: 0)
        state.take(Self.command(1), now: 0)
        let started = state.start()
        #expect(started == [Self.command(1)])
        let more = state.start()
        #expect(more.isEmpty)
    }

    @Test func `a lane starts no more than its limit, first come, first served`() {
        var state = RelayState()
        for sequence in 1...40 { state.take(Self.command(Int64(sequence)), now: 0) }
        let first = state.start()
        #expect(first.map(\.sequence) == Array(1...16))
        state.inventory.finished()
        let next = state.start()
        #expect(next.map(\.sequence) == [17])
        #expect(state.inventory.waiting == 23)
    }

    @Test func `a slow payments service does not hold up inventory`() {
        var state = RelayState()
        for sequence in 1...100 { state.take(Self.command(Int64(sequence), .charge), now: 0) }
        state.take(Self.command(101), now: 0)
        let started = state.start()
        #expect(started.count { $0.type == .charge } == 64)
        #expect(started.contains(Self.command(101)))
    }

    @Test func `only claims older than half of the lease are renewed, and once`() {
        var state = RelayState()
        state.take(Self.command(1), now: 0)
        state.take(Self.command(2), now: 2_000_000_000)
        let due = state.renewals(now: 2_500_000_000)
        #expect(due.map(\.sequence) == [1])
        let again = state.renewals(now: 2_500_000_001)
        #expect(again.isEmpty)
    }

    @Test func `nothing is taken or started any more when work ends`() {
        var state = RelayState()
        state.take(Self.command(1), now: 0)
        state.isStopping = true
        state.take(Self.command(2), now: 0)
        let started = state.start()
        #expect(started.isEmpty)
        #expect(state.claims.keys.sorted() == [1])
    }

    @Test func `what does not fit into memory stays in the outbox`() {
        var state = RelayState()
        for sequence in 0..<Int64(RelayState.heldMax + 10) {
            state.take(Self.command(sequence), now: 0)
        }
        #expect(state.claims.count == RelayState.heldMax)
        #expect(state.room == 0)
    }

    @Test(arguments: 0..<50)
    func `in a random walk every command is queued, running, waiting or done`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var state = RelayState()
        var running: [OutboxCommand] = []
        var waiting: [OutboxCommand] = []
        var sequence: Int64 = 0
        for _ in 0..<500 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                sequence += 1
                let type = SagaCommand.allCases.randomElement(using: &random) ?? .reserve
                state.take(Self.command(sequence, type), now: sequence)
            case 2: running += state.start()
            case 3:
                guard let command = running.popLast() else { continue }
                state.withLane(of: command.type) { $0.finished() }
                if Bool.random(using: &random) {
                    state.drop(command)
                } else {
                    waiting.append(command)
                }
            default:
                guard let command = waiting.popLast() else { continue }
                state.again(command)
            }
            let queued = state.inventory.waiting + state.payments.waiting
            #expect(queued + running.count + waiting.count == state.claims.count)
            #expect(state.running == running.count)
            #expect(state.inventory.running <= 16 && state.payments.running <= 64)
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): every seed a different, repeatable sequence.
private struct SeededGenerator: RandomNumberGenerator {
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
