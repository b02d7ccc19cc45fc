import Testing

@testable import ShopCore

struct RetryBudgetTests {
    private let second: Int64 = 1_000_000_000

    private func retries(_ budget: inout RetryBudget, asked: Int, now: Int64) -> Int {
        (0..<asked).count { _ in budget.admitsRetry(now: now) }
    }

    @Test func `what is saved goes out at once, then twenty a second`() {
        var budget = RetryBudget()
        #expect(retries(&budget, asked: 1000, now: 0) == 200)
        let wait = budget.wait(now: 0)
        #expect(wait > .milliseconds(49) && wait < .milliseconds(51))
        #expect(retries(&budget, asked: 1000, now: second) == 20)
        #expect(retries(&budget, asked: 1000, now: 2 * second) == 20)
    }

    @Test func `five requests pay for a retry`() {
        var budget = RetryBudget()
        _ = retries(&budget, asked: 200, now: 0)
        for _ in 0..<500 { budget.requested(now: 0) }
        let paid = retries(&budget, asked: 1000, now: 0)
        #expect((99...100).contains(paid))
    }

    @Test func `a quiet time saves up, within bounds, and time never runs backwards`() {
        var budget = RetryBudget()
        _ = retries(&budget, asked: 200, now: 10 * second)
        #expect(retries(&budget, asked: 1, now: 0) == 0)
        #expect(retries(&budget, asked: 1000, now: 1000 * second) == 200)
        #expect(budget.wait(now: 2000 * second) == .zero)
    }
}

struct LeasedAllowanceTests {
    private let second: Int64 = 1_000_000_000

    /// How many of so many requests are let in.
    private func taken(_ allowance: inout LeasedAllowance, of count: Int, now: Int64) -> Int {
        (0..<count).count { _ in allowance.take(now: now) }
    }

    @Test func `the first requests are trusted, and the lease pays for them`() {
        var allowance = LeasedAllowance(rate: 100, now: 0)
        #expect(taken(&allowance, of: 50, now: 0) == 10)
        #expect(allowance.asks(now: 0) == 20)
        // An answer is awaited.
        #expect(allowance.asks(now: 0) == nil)
        allowance.leased(20, of: 20, now: 0)
        #expect(allowance.asks(now: 0) == nil)
        #expect(taken(&allowance, of: 8, now: 0) == 8)
        #expect(allowance.asks(now: 0) == 10)
    }

    @Test func `an empty pot keeps requests out for a moment, then the debt is paid first`() {
        var allowance = LeasedAllowance(rate: 100, now: 0)
        #expect(taken(&allowance, of: 50, now: 0) == 10)
        let asked = allowance.asks(now: 0) ?? 0
        allowance.leased(4, of: asked, now: 0)
        #expect(taken(&allowance, of: 50, now: 0) == 0)
        #expect(allowance.asks(now: 0) == nil)
        let later = LeasedAllowance.pause
        // 6 are still owed: 4 more may be trusted.
        #expect(taken(&allowance, of: 50, now: later) == 4)
        #expect(allowance.asks(now: later) == 20)
    }

    @Test func `when the pot cannot be asked the own bucket decides, and counts from before`() {
        var allowance = LeasedAllowance(rate: 100, now: 0)
        #expect(taken(&allowance, of: 10, now: 0) == 10)
        _ = allowance.asks(now: 0)
        allowance.failed(now: 0)
        #expect(taken(&allowance, of: 500, now: 0) == 90)
        #expect(taken(&allowance, of: 500, now: second / 2) == 50)
        #expect(allowance.asks(now: second / 2) == nil)
        #expect(taken(&allowance, of: 1, now: 2 * second) == 1)
        #expect(allowance.asks(now: 2 * second) == 11)
    }

    @Test func `leased tokens that nobody used are void after a second`() {
        var allowance = LeasedAllowance(rate: 1000, now: 0)
        _ = allowance.take(now: 0)
        let asked = allowance.asks(now: 0) ?? 0
        #expect(asked == 101)
        allowance.leased(101, of: 101, now: 0)
        let later = 2 * second
        #expect(taken(&allowance, of: 500, now: later) == 100)
        #expect(allowance.asks(now: later) == 200)
    }

    @Test func `a small rate leases nothing ahead`() {
        var allowance = LeasedAllowance(rate: 5, now: 0)
        #expect(allowance.asks(now: 0) == nil)
        #expect(taken(&allowance, of: 5, now: 0) == 1)
        #expect(allowance.asks(now: 0) == 1)
        allowance.leased(1, of: 1, now: 0)
        #expect(taken(&allowance, of: 5, now: 0) == 1)
    }
}
