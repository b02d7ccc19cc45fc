import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DescriptorTests {
    @Test func `readiness that came before the wait is not lost`() async throws {
        try await onLoop { loop in
            let (ours, theirs) = socketPair()
            defer { for end in [ours, theirs] { close(end) } }
            try loop.attach(ours)
            defer { loop.detach(ours) }
            send(1, to: theirs)
            try await turn(loop)
            try await loop.readable(ours)
        }
    }

    @Test func `reader and writer of one descriptor wait independently`() async throws {
        try await onLoop { loop in
            let (ours, theirs) = socketPair()
            defer { for end in [ours, theirs] { close(end) } }
            try loop.attach(ours)
            defer { loop.detach(ours) }
            let reader = Task(executorPreference: loop) { try await loop.readable(ours) }
            try await loop.writable(ours)
            send(1, to: theirs)
            try await reader.value
        }
    }

    @Test func `a hangup wakes the reader`() async throws {
        try await onLoop { loop in
            let (ours, theirs) = socketPair()
            defer { close(ours) }
            try loop.attach(ours)
            defer { loop.detach(ours) }
            let reader = Task(executorPreference: loop) { try await loop.readable(ours) }
            try await turn(loop)
            close(theirs)
            try await reader.value
        }
    }

    @Test func `a plain file cannot be polled`() async throws {
        let code = try await onLoop { loop in
            let file = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
            defer { close(file) }
            return try await errorCode { try loop.attach(file) }
        }
        #expect(code == EPERM)
    }

    @Test func `waiting for what is not attached fails`() async throws {
        let code = try await onLoop { loop in
            try await errorCode { try await loop.readable(4000) }
        }
        #expect(code == EBADF)
    }

    @Test func `a cancellation that comes before the wait ends it too`() async throws {
        try await onLoop { loop in
            let (ours, theirs) = socketPair()
            defer { for end in [ours, theirs] { close(end) } }
            try loop.attach(ours)
            defer { loop.detach(ours) }
            let reader = Task(executorPreference: loop) { try await loop.readable(ours) }
            reader.cancel()
            let result = await reader.result
            #expect(throws: CancellationError.self) { try result.get() }
        }
    }

    @Test func `cancellations from another thread neither leak nor resume twice`() async throws {
        let loop = try Loop.start(label: "race")
        defer { loop.stop() }
        let (ours, theirs) = socketPair()
        defer { for end in [ours, theirs] { close(end) } }
        try await loop.spawn { try loop.attach(ours) }.value
        for round in 0..<500 {
            let reader = loop.spawn { try await loop.readable(ours) }
            if round % 3 == 0 { send(1, to: theirs) }
            reader.cancel()
            // Whichever of the two came first: it ends, once.
            _ = await reader.result
            try await loop.spawn {
                var byte: UInt8 = 0
                while unsafe read(ours, &byte, 1) == 1 {}
            }.value
        }
        try await loop.spawn { loop.detach(ours) }.value
    }

    @Test func `a descriptor's events never reach its successor of the same number`() async throws {
        let wasWoken = try await onLoop { loop in
            let (trigger, triggerPeer) = socketPair()
            let (old, oldPeer) = socketPair()
            let (new, newPeer) = socketPair()
            defer { for end in [trigger, triggerPeer, old, oldPeer, newPeer] { close(end) } }
            let box = Box([Bool]())
            // The first event's handler replaces the descriptor of the second, in the same batch.
            let swap = Handler { _ in
                guard box.value.isEmpty else { return }
                box.value.append(false)
                loop.detach(old)
                precondition(dup2(new, old) == old)
                close(new)
                try? loop.attach(old)
                Task(executorPreference: loop) {
                    try await loop.readable(old)
                    box.value[0] = true
                }
            }
            try loop.attach(old)
            try await turn(loop)
            // Both become ready while the loop is busy here, in this order.
            try loop.watch(trigger, swap)
            send(1, to: triggerPeer)
            send(1, to: oldPeer)
            try await turn(loop, times: 5)
            let early = box.value
            send(1, to: newPeer)
            try await turn(loop, times: 5)
            loop.unwatch(trigger)
            loop.detach(old)
            return [early, box.value]
        }
        #expect(wasWoken == [[false], [true]])
    }

    @Test func `a number that was closed without a detach is taken over`() async throws {
        let code = try await onLoop { loop in
            let (old, oldPeer) = socketPair()
            let (new, newPeer) = socketPair()
            defer { for end in [old, oldPeer, newPeer] { close(end) } }
            try loop.attach(old)
            let forgotten = Task(executorPreference: loop) {
                try await errorCode { try await loop.readable(old) }
            }
            try await turn(loop)
            precondition(dup2(new, old) == old)
            close(new)
            try loop.attach(old)
            send(1, to: newPeer)
            try await loop.readable(old)
            loop.detach(old)
            return try await forgotten.value
        }
        #expect(code == EBADF)
    }

    @Test func `a watched descriptor calls its handler until it is unwatched`() async throws {
        let calls = try await onLoop { loop in
            let (ours, theirs) = socketPair()
            defer { for end in [ours, theirs] { close(end) } }
            let box = Box(0)
            let handler = Handler { readiness in
                if readiness.contains(.readable) { box.value += 1 }
            }
            try loop.watch(ours, handler)
            send(1, to: theirs)
            try await turn(loop)
            let before = box.value
            loop.unwatch(ours)
            send(1, to: theirs)
            try await turn(loop)
            return [before, box.value]
        }
        #expect(calls == [1, 1])
    }
}

private final class Handler: ReadinessHandler {
    private let body: (Readiness) -> Void

    init(_ body: @escaping (Readiness) -> Void) {
        self.body = body
    }

    func ready(_ readiness: Readiness) { body(readiness) }
}
