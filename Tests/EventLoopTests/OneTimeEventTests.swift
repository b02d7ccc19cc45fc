import EventLoop
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OneTimeEventTests {
    @Test func `everybody who waits is resumed, early or late`() async throws {
        try await onLoop { loop in
            let event = OneTimeEvent(on: loop)
            let waiters = (0..<3).map { _ in
                Task(executorPreference: loop) { try await event.wait() }
            }
            try await turn(loop)
            #expect(!event.hasHappened)
            event.happen()
            event.happen()
            for waiter in waiters { try await waiter.value }
            try await event.wait()
        }
    }

    @Test func `one waiter is cancelled and the others go on`() async throws {
        try await onLoop { loop in
            let event = OneTimeEvent(on: loop)
            let impatient = Task(executorPreference: loop) { try await event.wait() }
            let patient = Task(executorPreference: loop) { try await event.wait() }
            try await turn(loop)
            impatient.cancel()
            let result = await impatient.result
            #expect(throws: CancellationError.self) { try result.get() }
            event.happen()
            try await patient.value
        }
    }
}
