import Testing

@testable import ShopCore

struct BackoffTests {
    @Test func `the bound doubles from 50 ms and stops at 2 s`() {
        let backoff = Backoff()
        let bounds = (1...8).map { backoff.bound(afterFailures: $0) }
        #expect(
            bounds
                == [50, 100, 200, 400, 800, 1600, 2000, 2000].map { Duration.milliseconds($0) }
        )
        #expect(backoff.bound(afterFailures: .max) == .seconds(2))
        #expect(backoff.bound(afterFailures: 0) == .milliseconds(50))
    }

    @Test func `waits fill the range from nothing to the bound`() {
        var random = SeededGenerator(seed: 7)
        let backoff = Backoff()
        let waits = (0..<2000).map { _ in backoff.delay(afterFailures: 4, using: &random) }
        #expect(waits.allSatisfy { $0 >= .zero && $0 <= .milliseconds(400) })
        #expect(waits.contains { $0 < .milliseconds(20) })
        #expect(waits.contains { $0 > .milliseconds(380) })
        let mean = waits.reduce(.zero, +) / waits.count
        #expect(mean > .milliseconds(180) && mean < .milliseconds(220))
    }

    @Test func `what the peer asked for is waited at least`() {
        var random = SeededGenerator(seed: 7)
        for count in 1...20 {
            let wait = Backoff().delay(afterFailures: count, atLeast: .seconds(1), using: &random)
            #expect(wait >= .seconds(1) && wait <= .seconds(3))
        }
    }
}

struct CircuitBreakerTests {
    private let second: Int64 = 1_000_000_000

    /// `#expect` cannot call a mutating function itself.
    private func expect(_ admits: Bool, is expected: Bool) {
        #expect(admits == expected)
    }

    @Test func `it opens after failures in a row, probes after a while and closes again`() {
        var breaker = CircuitBreaker(threshold: 3, openFor: .seconds(1))
        for _ in 0..<2 {
            expect(breaker.admits(now: 0), is: true)
            breaker.failed(now: 0)
        }
        expect(breaker.admits(now: 0), is: true)
        breaker.failed(now: 0)
        #expect(breaker.isOpen)
        expect(breaker.admits(now: second - 1), is: false)
        #expect(breaker.wait(now: second / 2) == .milliseconds(500))
        expect(breaker.admits(now: second), is: true)
        expect(breaker.admits(now: second), is: false)
        breaker.succeeded()
        expect(breaker.admits(now: second), is: true)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `a failed probe opens it again, a lost probe lets another one go`() {
        var breaker = CircuitBreaker(threshold: 1, openFor: .seconds(1))
        breaker.failed(now: 0)
        expect(breaker.admits(now: second), is: true)
        breaker.failed(now: second)
        expect(breaker.admits(now: second + 1), is: false)
        expect(breaker.admits(now: 2 * second), is: true)
        expect(breaker.admits(now: 2 * second), is: false)
        expect(breaker.admits(now: 3 * second), is: true)
    }

    @Test func `a success between failures starts the count again`() {
        var breaker = CircuitBreaker(threshold: 2, openFor: .seconds(1))
        breaker.failed(now: 0)
        breaker.succeeded()
        breaker.failed(now: 0)
        expect(breaker.admits(now: 0), is: true)
    }

    @Test(arguments: 0..<100)
    func `in a random walk an open breaker admits at most one request per period`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var breaker = CircuitBreaker(threshold: 3, openFor: .milliseconds(100))
        var now: Int64 = 0
        var lastProbe: Int64?
        for _ in 0..<500 {
            now += Int64.random(in: 0...50_000_000, using: &random)
            let wasClosed = if case .closed = breaker.state { true } else { false }
            guard breaker.admits(now: now) else {
                #expect(!wasClosed)
                #expect(breaker.wait(now: now) > .zero)
                continue
            }
            if !wasClosed {
                if let lastProbe { #expect(now - lastProbe >= 100_000_000) }
                lastProbe = now
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                breaker.succeeded()
                lastProbe = nil
            case 1: break
            default: breaker.failed(now: now)
            }
        }
    }
}

struct InstanceChoiceTests {
    private static let second: Int64 = 1_000_000_000

    @Test func `healthy instances are asked in turn`() {
        var choice = InstanceChoice(count: 3, breaker: CircuitBreaker())
        let asked = (0..<6).map { _ in choice.next(now: 0) }
        #expect(asked == [0, 1, 2, 0, 1, 2])
    }

    @Test func `an instance that keeps failing is passed over, then probed once`() {
        let breaker = CircuitBreaker(threshold: 2, openFor: .seconds(1))
        var choice = InstanceChoice(count: 2, breaker: breaker)
        for _ in 0..<4 {
            guard let index = choice.next(now: 0) else { continue }
            choice.note(index, isWorking: index == 0, now: 0)
        }
        let during = (0..<4).map { _ in choice.next(now: 1) }
        #expect(during == [0, 0, 0, 0])
        let after = (0..<4).map { _ in choice.next(now: Self.second) }
        #expect(after.count { $0 == 1 } == 1)
        choice.note(1, isWorking: true, now: Self.second)
        let healed = (0..<4).map { _ in choice.next(now: Self.second) }
        #expect(healed.count { $0 == 1 } == 2)
    }

    @Test func `when every instance has its pause the shortest one is waited for`() {
        let breaker = CircuitBreaker(threshold: 1, openFor: .seconds(1))
        var choice = InstanceChoice(count: 2, breaker: breaker)
        #expect(choice.wait(now: 0) == nil)
        choice.note(0, isWorking: false, now: 0)
        #expect(choice.wait(now: 0) == nil)
        choice.note(1, isWorking: false, now: Self.second / 2)
        let nobody = choice.next(now: Self.second / 2)
        #expect(nobody == nil)
        #expect(choice.wait(now: Self.second / 2) == .milliseconds(500))
    }
}

struct TokenBucketTests {
    @Test func `a second gives as many tokens as the rate, and no more are saved up`() {
        var bucket = TokenBucket(rate: 10, now: 0)
        let second: Int64 = 1_000_000_000
        let taken = [(20, 0), (20, second / 2), (50, 100 * second), (1, 0)].map { tries, now in
            (0..<tries).count { _ in bucket.take(now: now) }
        }
        #expect(taken == [10, 5, 10, 0])
    }
}

struct BulkheadTests {
    @Test func `who does not fit is turned away at once and room is made again`() async {
        let bulkhead = Bulkhead(limit: 1)
        let outer: Bool? = await bulkhead.enter {
            let inner: Bool? = await bulkhead.enter { true }
            #expect(inner == nil)
            #expect(bulkhead.count == 1)
            return true
        }
        #expect(outer == true)
        #expect(bulkhead.count == 0)
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await bulkhead.enter { throw Failure() } }
        #expect(bulkhead.count == 0)
    }
}

struct SlowStartTests {
    private let second: Int64 = 1_000_000_000

    /// How many of very many requests are let through between two instants.
    private func admitted(_ start: inout SlowStart, _ span: Range<Int64>) -> Int {
        stride(from: span.lowerBound, to: span.upperBound, by: 1_000_000).reduce(0) { sum, now in
            sum + (0..<10).count { _ in start.admits(now: now) }
        }
    }

    @Test func `a peer that is back is asked more and more, and after four seconds by all`() {
        var start = SlowStart()
        #expect(admitted(&start, 0..<second) == 10_000)
        start.begin(now: 0)
        let seconds = (0..<4).map { admitted(&start, $0 * second..<($0 + 1) * second) }
        #expect(seconds == seconds.sorted())
        #expect((70...80).contains(seconds[0]))
        #expect((360...380).contains(seconds[3]))
        #expect(admitted(&start, 4 * second..<5 * second) == 10_000)
    }

    @Test func `who is not let through is told to wait, and a peer that fails again starts anew`() {
        var start = SlowStart()
        start.begin(now: 0)
        _ = admitted(&start, 0..<1_000_000)
        #expect(start.wait(now: 0) > .zero)
        start.end()
        #expect(start.wait(now: 0) == .zero)
    }

    @Test func `an instance warms up after its breaker closed again, unless told otherwise`() {
        for isSlow in [true, false] {
            let breaker = CircuitBreaker(threshold: 1, openFor: .seconds(1))
            var choice = InstanceChoice(count: 1, breaker: breaker, startsSlowly: isSlow)
            #expect(choice.next(now: 0) == 0)
            choice.note(0, isWorking: false, now: 0)
            #expect(choice.next(now: second) == 0)
            choice.note(0, isWorking: true, now: second)
            let admitted = (0..<100).count { _ in choice.next(now: second) != nil }
            #expect(admitted == (isSlow ? 4 : 100))
            #expect((choice.wait(now: second) != nil) == isSlow)
        }
    }
}

struct LoadShedderTests {
    private let second: Int64 = 1_000_000_000

    /// A shedder that saw so many ends a second, evenly, for some seconds.
    private func steady(_ rate: Int, seconds: Int) -> LoadShedder {
        var shedder = LoadShedder()
        for number in 0...(rate * seconds) {
            shedder.ended(now: Int64(number) * second / Int64(rate))
        }
        return shedder
    }

    @Test(arguments: [(100, 700, false), (100, 900, true), (500, 3900, false), (500, 4500, true)])
    func `work is refused when what waits takes longer than customers do`(
        _ rate: Int,
        _ held: Int,
        _ isRefused: Bool
    ) {
        let refusal = steady(rate, seconds: 10).refusal(held: held, now: 10 * second)
        #expect((refusal != nil) == isRefused)
        if let refusal { #expect((.seconds(1) ... .seconds(5)).contains(refusal)) }
    }

    @Test func `a little work is always welcome, and so is work that waits for a peer`() {
        #expect(steady(1, seconds: 10).refusal(held: 256, now: 10 * second) == nil)
        #expect(LoadShedder().refusal(held: 20_000, now: 10 * second) == nil)
        // Nothing ended for two seconds.
        #expect(steady(100, seconds: 10).refusal(held: 20_000, now: 12 * second) == nil)
        // The peer is back since a moment.
        var shedder = steady(100, seconds: 10)
        for number in 0..<100 { shedder.ended(now: 20 * second + Int64(number) * second / 100) }
        #expect(shedder.refusal(held: 20_000, now: 21 * second) == nil)
    }
}
