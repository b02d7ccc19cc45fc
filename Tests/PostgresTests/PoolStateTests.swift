import Testing

@testable import Postgres

@Suite struct PoolStateTests {
    @Test func `places are opened up to the size, then callers wait, then they are refused`() {
        var pool = PoolState<Int>(size: 2, waitersMax: 1)
        expect(pool.request { _ in true }, "open")
        expect(pool.request { _ in true }, "open")
        expect(pool.request { _ in true }, "wait 1")
        expect(pool.request { _ in true }, "refuse")
    }

    @Test func `waiters are served first come, first served`() {
        var pool = PoolState<Int>(size: 1, waitersMax: 3)
        _ = pool.request { _ in true }
        for _ in 0..<3 { _ = pool.request { _ in true } }
        let second = pool.giveUp(2)
        #expect(second)
        expect(pool.giveBack(7), "lend 7 to 1")
        expect(pool.discard(), "open for 3")
        let third = pool.giveUp(3)
        #expect(!third)
    }

    @Test func `a broken idle connection is not lent`() {
        var pool = PoolState<Int>(size: 2, waitersMax: 1)
        _ = pool.request { _ in true }
        _ = pool.request { _ in true }
        _ = pool.giveBack(1)
        _ = pool.giveBack(2)
        expect(pool.request { $0 == 1 }, "lend 1")
        #expect(pool.idle.isEmpty)
        expect(pool.request { _ in true }, "open")
    }

    @Test func `a closed pool lends nothing`() {
        var pool = PoolState<Int>(size: 1, waitersMax: 1)
        _ = pool.request { _ in true }
        _ = pool.request { _ in true }
        let closed = pool.close()
        #expect(closed.waiters == [1])
        expect(pool.giveBack(1), "none")
        expect(pool.request { _ in true }, "closed")
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `no random walk lends more than the size or lets anybody wait in vain`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var pool = PoolState<Int>(size: 3, waitersMax: 5)
        var lent: [Int] = []
        var opening = 0
        var next = 0
        for _ in 0..<3000 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                switch pool.request(isUsable: { $0 % 7 != 0 }) {
                case .lend(let item): lent.append(item)
                case .open: opening += 1
                case .wait, .refuse, .closed: break
                }
            case 2 where opening > 0:
                opening -= 1
                next += 1
                lent.append(next)
            case 3 where !lent.isEmpty:
                let item = lent.remove(at: Int.random(in: 0..<lent.count, using: &random))
                if case .lend(let again, _) = pool.giveBack(item) { lent.append(again) }
            case 4 where !lent.isEmpty:
                lent.removeLast()
                if case .open = pool.discard() { opening += 1 }
            default: break
            }
            #expect(pool.taken == lent.count + opening)
            #expect(pool.taken <= 3 && pool.waiters.count <= 5)
            #expect(Set(lent + pool.idle).count == lent.count + pool.idle.count)
            #expect(pool.waiters.isEmpty || (pool.taken == 3 && pool.idle.isEmpty))
        }
    }

    private func expect(_ grant: PoolState<Int>.Grant, _ text: String) {
        #expect(name(grant) == text)
    }

    private func expect(_ handover: PoolState<Int>.Handover, _ text: String) {
        #expect(name(handover) == text)
    }

    private func name(_ grant: PoolState<Int>.Grant) -> String {
        switch grant {
        case .lend(let item): "lend \(item)"
        case .open: "open"
        case .wait(let number): "wait \(number)"
        case .refuse: "refuse"
        case .closed: "closed"
        }
    }

    private func name(_ handover: PoolState<Int>.Handover) -> String {
        switch handover {
        case .lend(let item, let waiter): "lend \(item) to \(waiter)"
        case .open(let waiter): "open for \(waiter)"
        case .none: "none"
        }
    }
}
