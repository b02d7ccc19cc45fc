import Testing

@testable import EventLoop

@Suite(.timeLimit(.minutes(1)))
struct TimerTests {
    @Test func `timers fire in the order of their deadlines`() async throws {
        let order = try await onLoop { loop in
            let box = Box([Int]())
            for (index, delay) in [30, 10, 20, 10].enumerated() {
                loop.after(.milliseconds(delay)) { box.value.append(index) }
            }
            let token = loop.after(.milliseconds(15)) { box.value.append(99) }
            loop.cancel(token)
            loop.cancel(token)
            try await loop.sleep(for: .milliseconds(31))
            return box.value
        }
        #expect(order == [1, 3, 2, 0])
    }

    @Test func `a sleep lasts at least as long as asked`() async throws {
        let elapsed = try await onLoop { loop in
            let start = Loop.monotonicNanoseconds()
            try await loop.sleep(for: .microseconds(2500))
            return Loop.monotonicNanoseconds() - start
        }
        #expect(elapsed >= 2_500_000)
    }

    @Test(arguments: [Duration.seconds(Int64.max), .seconds(300 * 365 * 86400)])
    func `a sleep of ages can be cancelled`(delay: Duration) async throws {
        try await onLoop { loop in
            let sleeper = Task(executorPreference: loop) { try await loop.sleep(for: delay) }
            try await turn(loop)
            sleeper.cancel()
            let result = await sleeper.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test func `a delay below zero is none`() async throws {
        try await onLoop { loop in
            try await loop.sleep(for: .seconds(-5))
            try await loop.sleep(for: .seconds(Int64.min))
        }
    }

    @Test func `a sleep in a cancelled task throws at once`() async throws {
        let task = try await onLoop { loop in
            let sleeper = Task(executorPreference: loop) {
                try await loop.sleep(for: .seconds(3600))
            }
            sleeper.cancel()
            return await sleeper.result
        }
        #expect(throws: CancellationError.self) { try task.get() }
    }

    @Test func `sleeps cancelled from another thread neither leak nor resume twice`() async throws {
        let loop = try Loop.start(label: "race")
        defer { loop.stop() }
        for round in 0..<500 {
            let sleeper = loop.spawn { try await loop.sleep(for: .microseconds(round % 50)) }
            sleeper.cancel()
            _ = await sleeper.result
        }
    }

    @Test func `what a timer captured may cancel timers when it goes`() async throws {
        try await onLoop { loop in
            let inner = loop.after(.seconds(3600)) {}
            var owner: Owner? = Owner(loop: loop, timer: inner)
            let outer = loop.after(.seconds(3600)) { [owner] in _ = owner }
            owner = nil
            _ = owner
            loop.cancel(outer)
        }
    }

    @Test func `the heap agrees with a sorted list on ten thousand random steps`() {
        var generator = SplitMix(state: 42)
        var heap = TimerHeap()
        var model: [(deadline: Int64, token: TimerToken)] = []
        var fired: [TimerToken] = []
        let log = Box([Int]())
        for step in 0..<10_000 {
            switch generator.next() % 4 {
            case 0, 1:
                let deadline = Int64(generator.next() % 1000)
                let token = heap.add(deadline: deadline, .call { log.value.append(step) })
                model.append((deadline, token))
            case 2 where !model.isEmpty:
                let index = Int(generator.next() % UInt64(model.count))
                #expect(heap.remove(model.remove(at: index).token) != nil)
            default:
                let now = Int64(generator.next() % 1000)
                let due = model.enumerated().filter { $0.element.deadline <= now }
                    .min { ($0.element.deadline, $0.offset) < ($1.element.deadline, $1.offset) }
                let action = heap.popDue(now: now)
                #expect((action == nil) == (due == nil))
                guard let action, let due else { continue }
                action.fire()
                fired.append(model.remove(at: due.offset).token)
            }
        }
        #expect(log.value.count == fired.count)
        #expect(fired.count > 1000)
        // Each closure logged the step that made it, and tokens count up with those steps.
        let ranks = Dictionary(
            uniqueKeysWithValues: zip(log.value.sorted(), fired.map(\.id).sorted())
        )
        #expect(zip(log.value, fired).allSatisfy { ranks[$0] == $1.id })
    }

    @Test func `cancelled timers do not pile up`() {
        var heap = TimerHeap()
        let first = heap.add(deadline: -1, .call {})
        for number in 0..<100_000 {
            _ = heap.remove(heap.add(deadline: Int64(number), .call {}))
        }
        #expect(heap.entryCount < 2000)
        #expect(heap.nextDeadline == -1)
        _ = heap.remove(first)
        #expect(heap.nextDeadline == nil)
        #expect(heap.entryCount == 0)
    }

    @Test func `a deadline is that of a timer that will fire`() {
        var heap = TimerHeap()
        let tokens = (1...3).map { heap.add(deadline: $0, .call {}) }
        _ = heap.remove(tokens[1])
        #expect(heap.nextDeadline == 1)
        #expect(heap.popDue(now: 1) != nil)
        #expect(heap.nextDeadline == 3)
        _ = heap.remove(tokens[2])
        #expect(heap.nextDeadline == nil)
    }
}

private final class Owner {
    private let loop: Loop
    private let timer: TimerToken

    init(loop: Loop, timer: TimerToken) {
        self.loop = loop
        self.timer = timer
    }

    deinit { loop.cancel(timer) }
}

/// The SplitMix64 generator: a seed gives the same walk on every machine.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
