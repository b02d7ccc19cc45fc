import EventLoop
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LoopTests {
    @Test func `async code runs on the loop's thread, before and after it waited`() async throws {
        let places = try await onLoop { loop in
            var places = [loop.isCurrent]
            try await loop.sleep(for: .microseconds(10))
            places.append(Loop.current === loop)
            async let nested = { loop.isCurrent }()
            places.append(await nested)
            return places
        }
        #expect(places == [true, true, true])
        #expect(Loop.current == nil)
    }

    @Test func `an actor on the loop is isolated to it`() async throws {
        let loop = try Loop.start(label: "actor")
        defer { loop.stop() }
        let counter = Counter(loop: loop)
        await withTaskGroup { group in
            for _ in 0..<100 { group.addTask { await counter.increment() } }
        }
        #expect(await counter.count == 100)
        #expect(await counter.wasAlwaysOnLoop)
    }

    @Test func `work from many threads all arrives`() async throws {
        let loop = try Loop.start(label: "stress")
        defer { loop.stop() }
        let box = Box(0)
        var threads: [pthread_t] = []
        let work = Work(loop: loop, box: box)
        for _ in 0..<8 {
            var thread = pthread_t()
            let pointer = unsafe Unmanaged.passRetained(work).toOpaque()
            let status = unsafe pthread_create(
                &thread,
                nil,
                { pointer in
                    guard let pointer = unsafe pointer else { return nil }
                    unsafe Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().post(2000)
                    return nil
                },
                pointer
            )
            #expect(status == 0)
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
        let count = try await loop.spawn { box.value }.value
        #expect(count == 16000)
    }

    @Test func `tasks from many threads all end`() async throws {
        let loop = try Loop.start(label: "stress")
        defer { loop.stop() }
        let box = Box(0)
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 { try await loop.spawn { box.value += 1 }.value }
                }
            }
            try await group.waitForAll()
        }
        #expect(box.value == 4000)
    }

    @Test func `main returns what its body returns`() throws {
        #expect(try Loop.main { 42 } == 42)
        #expect(throws: CancellationError.self) { try Loop.main { throw CancellationError() } }
    }

    @Test func `main ends although tasks still wait, and they learn why`() async throws {
        let code = Mutex<Int32?>(nil)
        try Loop.main {
            let loop = try #require(Loop.current)
            loop.spawn {
                let result = try await errorCode { try await loop.sleep(for: .seconds(3600)) }
                code.withLock { $0 = result }
            }
            try await turn(loop)
        }
        #expect(code.withLock { $0 } == ECANCELED)
    }

    @Test func `stopping resumes readers and sleepers`() async throws {
        let loop = try Loop.start(label: "stop")
        let (ours, theirs) = socketPair()
        defer { close(theirs) }
        let reader = loop.spawn {
            try loop.attach(ours)
            defer {
                loop.detach(ours)
                close(ours)
            }
            return try await errorCode { try await loop.readable(ours) }
        }
        let sleeper = loop.spawn {
            try await errorCode { try await loop.sleep(for: .seconds(3600)) }
        }
        try await loop.spawn { try await turn(loop) }.value
        loop.stop()
        #expect(try await reader.value == ECANCELED)
        #expect(try await sleeper.value == ECANCELED)
    }

    @Test func `what reaches a loop after its end still runs`() async throws {
        let loop = try Loop.start(label: "late")
        loop.stop()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 { group.addTask { try await loop.spawn { number }.value } }
            return try await group.reduce(0, +)
        }
        #expect(values == 4950)
        let code = try await loop.spawn {
            try await errorCode { try await loop.sleep(for: .seconds(3600)) }
        }.value
        #expect(code == ECANCELED)
    }
}

private actor Counter {
    private let loop: Loop
    private(set) var count = 0
    private(set) var wasAlwaysOnLoop = true

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: Loop) {
        self.loop = loop
    }

    func increment() {
        count += 1
        wasAlwaysOnLoop = wasAlwaysOnLoop && loop.isCurrent
    }
}

private final class Work: Sendable {
    private let loop: Loop
    private let box: Box<Int>

    init(loop: Loop, box: Box<Int>) {
        self.loop = loop
        self.box = box
    }

    func post(_ count: Int) {
        for _ in 0..<count { loop.execute { [box] in box.value += 1 } }
    }
}
